"""Starting a broker of ours: the ways to one, in order, until one is open."""

import os
from collections.abc import Sequence

from infra.broker.home import BrokerHome
from infra.broker.leg import LEGS, LegName, leg
from infra.broker.model import Broker, BrokerError, LegUnavailable, NoBrokerAvailable, Report
from infra.broker.readiness import wait_until_ready
from infra.broker.state import last, remember, set_aside

FORCE = "BACKOFFICE_BROKER"


def forced_leg() -> LegName | None:
    """The one way that BACKOFFICE_BROKER allows, if it is set."""
    forced = os.environ.get(FORCE)
    for name in LEGS:
        if forced == name:
            return name
    if forced:
        raise BrokerError(f"{FORCE}={forced}: it must be one of {', '.join(LEGS)}, or not be set.")
    return None


def start(home: BrokerHome, legs: Sequence[LegName] | None, report: Report) -> Broker:
    """The first way that is open. Raises NoBrokerAvailable when none is, BrokerError when one fails."""
    reasons: list[str] = []
    before = last(home)
    for name in _order(before, legs):
        try:
            broker = leg(name, home).start(report)
        except LegUnavailable as why:
            reasons.append(str(why))
            report(f"No {why}")
            continue
        if before and before.kind != name:
            report(f"Topics and records of before stay with the {before.kind} broker; this one has its own.")
        _bring_up(home, broker, report)
        return broker
    raise NoBrokerAvailable(reasons)


def _order(before: Broker | None, legs: Sequence[LegName] | None) -> list[LegName]:
    """The way of last time comes first: the other one would come up without the topics and records."""
    if forced := forced_leg():
        return [forced]
    return sorted(legs or LEGS, key=lambda name: before is not None and name != before.kind)


def _bring_up(home: BrokerHome, broker: Broker, report: Report) -> None:
    remember(home, broker)  # before it is ready: whoever comes next must find it even if we die now
    way = leg(broker.kind, home)
    try:
        wait_until_ready(broker, way)
    except BaseException:
        way.stop(broker, report)
        set_aside(home)
        raise
    home.previous.unlink(missing_ok=True)
    report(f"Kafka is ready at {broker.bootstrap_servers}.")
