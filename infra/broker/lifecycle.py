"""A broker to work with: one that is named, one that runs already, or one started here."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.broker.home import BrokerHome
from infra.broker.leg import LegName, leg
from infra.broker.lock import locked
from infra.broker.model import Broker, BrokerError, Report
from infra.broker.readiness import problem, wait_until_ready
from infra.broker.start import FORCE, forced_leg, start
from infra.broker.state import forget, last, recall, set_aside

SERVERS = "BACKOFFICE_BOOTSTRAP_SERVERS"
_BUSY = "Another process is starting or stopping the broker; waiting for it."


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Status:
    """`broker` is None when none was started; `problem` says what is wrong with one that was."""

    broker: Broker | None
    problem: str | None = None


def ensure(
    report: Report = _silent,
    home: BrokerHome | None = None,
    *,
    legs: Sequence[LegName] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Broker:
    """A broker that answers: BACKOFFICE_BOOTSTRAP_SERVERS, else ours if it runs, else a new one.

    A `home` asks for the broker of that home, whatever the environment names. `legs` are the ways to try,
    in order; BACKOFFICE_BROKER allows only one. `options` are kafka-python's, for an external cluster that
    wants TLS or a login. Raises BrokerError.
    """
    if home is None and (servers := os.environ.get(SERVERS)):
        return _external(servers, options)
    home = home or BrokerHome()
    with locked(home.lock, lambda: report(_BUSY)):
        return _running(home) or start(home, legs, report)


def status(home: BrokerHome | None = None, *, options: Mapping[str, Any] | None = None) -> Status:
    """How the broker is that `ensure` would give; starts nothing."""
    if home is None and (servers := os.environ.get(SERVERS)):
        external = Broker(servers, "external", started_here=False)
        return Status(external, problem(servers, timeout=5.0, options=options))
    home = home or BrokerHome()
    broker = recall(home)
    if broker is None:
        return Status(None)
    if not leg(broker.kind, home).is_running(broker):
        return Status(broker, "it is not running any more; `backoffice broker logs` shows why")
    return Status(broker, problem(broker.bootstrap_servers, timeout=5.0))


def stop(report: Report = _silent, home: BrokerHome | None = None, *, erase: bool = False) -> Broker | None:
    """Stop our broker and return it, None if none runs. `erase` deletes its data as well.

    An external broker is not ours to stop.
    """
    home = home or BrokerHome()
    with locked(home.lock, lambda: report(_BUSY)):
        broker = last(home)
        if broker is None:
            return None
        way = leg(broker.kind, home)
        running = way.is_running(broker)
        way.stop(broker, report)
        set_aside(home)
        if erase:
            way.erase(broker)
            forget(home)
        return broker if running else None


def logs(home: BrokerHome | None = None, *, lines: int = 50, follow: bool = False) -> Iterator[str]:
    """The end of our broker's log, and with `follow` what is added to it."""
    home = home or BrokerHome()
    broker = last(home)
    if broker is None:
        raise BrokerError("No broker of ours has been started, so there is no log.")
    return leg(broker.kind, home).log_lines(broker, lines, follow)


def _external(servers: str, options: Mapping[str, Any] | None) -> Broker:
    why = problem(servers, options=options)
    if why:
        raise BrokerError(
            f"No broker answers at {servers}, which {SERVERS} names ({why}). "
            "Correct it, or unset it to let the program start a broker of its own."
        )
    return Broker(servers, "external", started_here=False)


def _running(home: BrokerHome) -> Broker | None:
    """Our broker if its process or container lives. It may still be on its way up."""
    broker = recall(home)
    if broker is None or not leg(broker.kind, home).is_running(broker):
        return None
    forced = forced_leg()
    if forced and forced != broker.kind:
        raise BrokerError(
            f"{FORCE}={forced}, but our broker runs as {broker.where}. "
            f"Stop that one first (`backoffice broker stop`), or unset {FORCE}."
        )
    wait_until_ready(broker, leg(broker.kind, home))
    return broker
