"""For each rule a short story in which it fires and its alert ends, by the processor whose rule it is."""

from collections.abc import Mapping

from tests.plots import accounting, correlation, finance, front_office, health, hr, it, management, manufacturing
from tests.plots.telling import Plot

PLOTS: Mapping[str, Mapping[str, Plot]] = {
    "accounting": accounting.PLOTS,
    "finance": finance.PLOTS,
    "front_office": front_office.PLOTS,
    "health": health.PLOTS,
    "hr": hr.PLOTS,
    "it": it.PLOTS,
    "management": management.PLOTS,
    "manufacturing": manufacturing.PLOTS,
    "correlation": correlation.PLOTS,
}
