"""`backoffice demo`: the whole program in one command, on a broker of its own if there is none."""

import os
import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import Annotated

import typer

from backoffice import process, spaces
from backoffice.cli import options
from backoffice.cli.demo_console import DemoConsole
from backoffice.cli.notifier import open_receivers
from backoffice.cli.options import broker_errors, err, fail, out
from backoffice.cli.simulate import Stopped, live, show
from backoffice.config import Configuration
from backoffice.simulating import PARTITIONS, Outcome
from backoffice.supervisor import FEW_FAILURES, Supervisor, TooManyFailures
from consumers.notify.notifier import Delivery, NotifierSettings, run
from infra.broker import Broker
from infra.broker import stop as stop_broker
from infra.topics import TopicsError
from producers.drain import NotDrained
from producers.simulator import SimulatedOffice
from schemas.topics import Space


def demo_command(
    stay: Annotated[
        bool | None, typer.Option("--stay/--end", help="Stay up until Ctrl-C; by default when on a terminal.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed lives the same days.")] = 1,
) -> None:
    """Run a simulated office's week through real Kafka; show the alerts and who was told. Leaves nothing behind."""
    stop = process.stop_on_signals()
    broker = options.broker()
    space = Space(f"demo-{time.strftime('%m%d-%H%M%S')}-{os.getpid()}", replay=True)
    stays = out.is_terminal if stay is None else stay
    try:
        with broker_errors():
            result = _demo(broker, space, SimulatedOffice(seed=seed), stop, stays)
    except (NotDrained, TooManyFailures, TopicsError) as error:
        fail(error, code=1)
    except Stopped:
        fail("Stopped.", code=130)
    finally:
        _tidy(broker, space)
    raise typer.Exit(0 if result.as_expected else 1)


def _demo(broker: Broker, space: Space, office: SimulatedOffice, stop: threading.Event, stays: bool) -> Outcome:
    with Supervisor(err.print, FEW_FAILURES) as supervisor:
        spaces.prepare(broker.bootstrap_servers, space, PARTITIONS)
        with ExitStack() as around:
            told = around.enter_context(_Notifying(broker.bootstrap_servers, space))
            console = around.enter_context(DemoConsole(broker.bootstrap_servers, space)) if stays else None
            if console:
                out.print(str(console), style="bold")
            result = live(office, broker.bootstrap_servers, space, supervisor, 1, stop)
            told.catch_up(sum(len(alert.receivers) for alert in result.alerts))
            out.print()
            show(result)
            out.print(f"{told.notices.total()} notices to {len(told.notices)} people: {told}.")
            if console:
                _stay(space, console, supervisor, stop)
    return result


def _stay(space: Space, console: DemoConsole, supervisor: Supervisor, stop: threading.Event) -> None:
    out.print()
    out.print(str(console), style="bold")
    out.print("The office stays open. In another terminal, from here:", style="bold")
    for line in (
        f".venv/bin/backoffice alerts --space {space.name}",
        f".venv/bin/backoffice tail --space {space.name} --department accounting",
        f".venv/bin/backoffice ack <alert> --by you --space {space.name}",
    ):
        out.print(f"  {line}")
    out.print("Ctrl-C ends the demo and everything it started.", style="bold")
    supervisor.run(stop)


class _Notifying:
    """The notifier, in a thread of the demo, telling people on this terminal."""

    def __init__(self, bootstrap: str, space: Space) -> None:
        receivers = open_receivers(Configuration())
        settings = NotifierSettings(bootstrap_servers=bootstrap, space=space, receivers=receivers)
        self.notices: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=run, args=(settings, self._stop, self._told), name="notifier")

    def _told(self, delivery: Delivery) -> None:
        self.notices[delivery.notice.receiver] += 1

    def catch_up(self, at_least: int, within: float = 10.0) -> None:
        """Waits until so many notices have been delivered."""
        deadline = time.monotonic() + within
        while self.notices.total() < at_least and time.monotonic() < deadline:
            time.sleep(0.05)

    def __str__(self) -> str:
        return ", ".join(f"{who} {n}" for who, n in self.notices.most_common())

    def __enter__(self) -> "_Notifying":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()


def _tidy(broker: Broker, space: Space) -> None:
    """The demo's space goes, and the broker too if it was started for the demo."""
    err.print("Tidying up.", style="dim")
    try:
        with broker_errors():
            spaces.remove(broker.bootstrap_servers, space)
    finally:
        if broker.started_here:
            stop_broker()
