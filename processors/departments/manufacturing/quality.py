"""Quality: the share of rejected pieces stays low, and in control."""

from datetime import datetime

from processors.departments.judging import found
from processors.departments.manufacturing.control_chart import broken
from processors.departments.manufacturing.project import Lot, Project
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.manufacturing import InspectionDone

REJECT_RATE = Rule(
    "manufacturing.reject_rate",
    "warning",
    "rejected pieces are over 5 % of all made in the last 20 lots; or the latest lot breaks a run rule of the p-chart",
    "a later lot, or a correction, is back in control; or it is reviewed",
    distinguish=("reason",),
    settings=("reject_rate_percent", "reject_lots", "reject_min_lots", "run_rules", "reject_standard_percent"),
    measure="the last 20 lots",
)

RATE, RUN = "rate", "run"

LATEST = 8
"""As many lots as the longest run rule looks at."""


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    return judge(now, "", event, at) if isinstance(event, InspectionDone) else now


def judge(now: Step[Project], _: str, event: Event, at: datetime) -> Step[Project]:
    """Looks at the latest lots, of which there are few."""
    lots = [lot for _, name in now.state.recent if (lot := now.state.lots.get(name)) and lot.size]
    return _run(_rate(now, lots, event, at), lots, event, at)


def _rate(now: Step[Project], lots: list[Lot], event: Event, at: datetime) -> Step[Project]:
    settings = now.state.settings
    rejected, made = sum(lot.rejected for lot in lots), sum(lot.size for lot in lots)
    if len(lots) < settings.reject_min_lots or rejected * 100 <= made * settings.reject_rate_percent:
        return now.resolves(REJECT_RATE, at, "few enough pieces are rejected", by=[event], reason=RATE)
    percent = settings.reject_rate_percent
    summary = f"Project {now.state.id} rejects over {percent} % of its pieces in the last {settings.reject_lots} lots"
    measured = f"{rejected} of {made} pieces in {len(lots)} lots"
    return found(
        now,
        REJECT_RATE,
        at,
        summary,
        [event.about.record or lots[-1].record],
        {"reason": RATE},
        event=event,
        measured=measured,
    )


def _run(now: Step[Project], lots: list[Lot], event: Event, at: datetime) -> Step[Project]:
    """The centre line is the given standard, or is estimated once there are as many lots as are judged together."""
    settings = now.state.settings
    standard = None if settings.reject_standard_percent is None else float(settings.reject_standard_percent) / 100
    rules: tuple[str, ...] = ()
    if settings.run_rules and (standard is not None or len(lots) >= settings.reject_lots):
        rules = broken([(lot.rejected, lot.size) for lot in lots], standard)
    if not rules:
        return now.resolves(REJECT_RATE, at, "the p-chart is in control", by=[event], reason=RUN)
    summary = f"The p-chart of project {now.state.id} is out of control: {', '.join(rules)}"
    measured = f"{', '.join(f'{lot.rejected}/{lot.size}' for lot in lots[-LATEST:])} rejected in the latest lots"
    return found(
        now,
        REJECT_RATE,
        at,
        summary,
        [event.about.record or lots[-1].record],
        {"reason": RUN},
        event=event,
        measured=measured,
    )
