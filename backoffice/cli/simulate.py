"""`backoffice simulate`: an office of any size lives through days, in a replay space, at a chosen speed."""

import time
from datetime import date, datetime
from threading import Event
from typing import Annotated

import typer

from backoffice import process, spaces
from backoffice.cli.options import FeedMetricsPort, broker_errors, connect, err, fail, out
from backoffice.feeding import FeedMeters, watched
from backoffice.health import PortTaken
from backoffice.simulating import PARTITIONS, Outcome, SimulationJob, alerts_of, outcome
from backoffice.supervisor import FEW_FAILURES, Supervisor, TooManyFailures
from consumers.render import STYLES
from infra.broker import user_data
from infra.topics import TopicsError
from producers.drain import NotDrained
from producers.simulator import LIVES, Expected, SimulatedOffice, Simulation, simulate
from schemas.alerts import Alert
from schemas.topics import Space


class Stopped(Exception):
    """Somebody asked to stop in the middle."""


def simulate_command(
    space: Annotated[str, typer.Option("--space", help="A replay space; made if missing.")] = "simulation",
    seed: Annotated[int, typer.Option("--seed", help="The same seed lives the same days.")] = 1,
    start: Annotated[str, typer.Option("--start", help="The first day.")] = "2026-03-02",
    days: Annotated[int, typer.Option("--days", min=1)] = 5,
    employees: Annotated[int, typer.Option("--employees", min=10)] = 40,
    vendors: Annotated[int, typer.Option("--vendors", min=8)] = 12,
    customers: Annotated[int, typer.Option("--customers", min=10)] = 60,
    speed: Annotated[
        float | None, typer.Option("--speed", min=1, help="Seconds of the office's in one of ours; else full speed.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Workers to start; 0: they run already.")] = 1,
    metrics_port: FeedMetricsPort = None,
) -> None:
    """Live through an office's days with planted problems, and check that the alerts are those that must follow."""
    office = SimulatedOffice(seed, date.fromisoformat(start), days, employees, vendors, customers=customers)
    bootstrap = connect()
    stop = process.stop_on_signals()
    try:
        with broker_errors(), Supervisor(err.print, FEW_FAILURES) as supervisor:
            meters, where = FeedMeters(), Space(space, replay=True)
            with watched(meters, "simulate", bootstrap, where.topic("alerts"), metrics_port):
                result = live(office, bootstrap, where, supervisor, workers, stop, speed, meters)
    except (NotDrained, TooManyFailures, TopicsError, PortTaken) as error:
        fail(error, code=1)
    except Stopped:
        fail("Stopped.", code=130)
    show(result)
    raise typer.Exit(0 if result.as_expected else 1)


def live(
    office: SimulatedOffice,
    bootstrap: str,
    space: Space,
    supervisor: Supervisor,
    workers: int,
    stop: Event,
    speed: float | None = None,
    meters: FeedMeters | None = None,
) -> Outcome:
    """Lives through the office's days with workers of its own, saying each day as it begins."""
    simulation = simulate(office, LIVES.values())
    spaces.prepare(bootstrap, space, PARTITIONS)
    supervisor.start_workers(workers, space.name, bootstrap, user_data() / "logs")
    _announce(simulation)
    began, today = time.monotonic(), office.start

    def on_slice(now: datetime, events: int) -> None:
        nonlocal today
        if meters is not None:
            meters.events, meters.until = events, now
        if now.date() > today:
            err.print(f"── {today:%A, %d %B %Y} is over: {events:,} events so far ──", style="dim")
            today = now.date()

    def between() -> None:
        if stop.is_set():
            raise Stopped
        supervisor.tend()

    SimulationJob(simulation, space, bootstrap, speed=speed).run(on_slice, between)
    seconds = time.monotonic() - began
    err.print(f"{len(simulation.said):,} events in {seconds:.0f} s.", style="dim")
    return outcome(simulation, alerts_of(bootstrap, space))


def _announce(simulation: Simulation) -> None:
    office = simulation.office
    err.print(
        f"An office of {office.employees} employees, {office.vendors} vendors and {office.customers} customers lives "
        f"through {office.days} days from {office.start:%A, %d %B %Y}: {len(simulation.said):,} events, in which "
        f"{len(simulation.expected)} problems are planted."
    )


def show(result: Outcome) -> None:
    """Every alert with who was told, then whether they are those that had to come."""
    for alert in result.alerts:
        severity = alert.labels.get("severity", "")
        style = "green" if alert.status == "resolved" else STYLES.get(severity, "")
        since = f"{alert.starts_at:%a %H:%M}"
        out.print(f"{since}  {severity:<8}  {alert.rule} of {alert.subject}: {_state(alert)}", style=style)
        if alert.receivers:
            out.print(f"{'':<21}told {' → '.join(alert.receivers)}", style="dim")
    out.print()
    out.print(_summary(result.alerts))
    for expected in result.missing:
        out.print(f"MISSING: {_name(expected)}", style="bold red")
    for alert in result.unexpected:
        out.print(f"NOT EXPECTED: {alert.rule} of {alert.subject}: {alert.annotations.get('summary', '')}", style="red")
    for sentence in result.wrong:
        out.print(f"NOT AS EXPECTED: {sentence}", style="red")
    if result.as_expected:
        out.print("Every planted problem was found, and nothing else was alerted.", style="bold green")


def _summary(alerts: tuple[Alert, ...]) -> str:
    resolved = sum(a.status == "resolved" for a in alerts)
    escalated = sum(a.escalation_step > 0 for a in alerts)
    late = sum(a.due is not None for a in alerts)
    acknowledged = sum(a.acknowledged_by is not None for a in alerts)
    departments = len({a.labels.get("department") for a in alerts})
    return (
        f"{len(alerts)} alerts of {departments} departments: {late} from deadlines that passed, {acknowledged} "
        f"acknowledged, {escalated} escalated to a second person, {resolved} resolved."
    )


def _state(alert: Alert) -> str:
    if alert.status == "resolved":
        return "resolved"
    if alert.suppressed:
        return "suppressed (explained)"
    if alert.acknowledged_by:
        return f"acknowledged by {alert.acknowledged_by}"
    return "firing" + (f", escalated ×{alert.escalation_step}" if alert.escalation_step else "")  # noqa: RUF001


def _name(expected: Expected) -> str:
    labels = " ".join(f"{k}={v}" for k, v in expected.identity.items())
    return f"{expected.rule} of {expected.subject} {labels}".rstrip()
