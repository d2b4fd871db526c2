"""`backoffice broker`: start, stop and look at the Kafka broker that the program works with."""

from typing import Annotated

import typer
from rich.table import Table

from backoffice.cli import options
from backoffice.cli.options import err, fail, out
from backoffice.cli.output import Output, OutputOption, show_one
from backoffice.cli.watching import Watchable, WatchOption, watch
from infra.broker import Broker, BrokerError, Status, ensure, logs, status, stop
from infra.broker.readiness import problem

app = typer.Typer(help="Start, stop and look at the Kafka broker.", no_args_is_help=True)


CONFIGURED = "elsewhere (broker.bootstrap_servers of the configuration)"


@app.command("start")
def start_command() -> None:
    """Start a broker, or find the one that runs already."""
    if cluster := options.configured_cluster():
        options.broker()
        out.print("The configuration names a broker that answers: nothing to start.")
        out.print(_facts(cluster, CONFIGURED))
        return
    try:
        with out.status("Looking for a broker ..."):
            broker = ensure(out.print)
    except BrokerError as error:
        fail(error)
    if broker.kind == "external":
        out.print("BACKOFFICE_BOOTSTRAP_SERVERS names a broker that answers: nothing to start.")
    elif not broker.started_here:
        out.print("The broker runs already.")
    out.print(_facts(broker, broker.where))


@app.command("stop")
def stop_command() -> None:
    """Stop the broker that was started here. Its topics and records stay."""
    try:
        with out.status("Stopping the broker ..."):
            stopped = stop(out.print)
    except BrokerError as error:
        fail(error)
    out.print(f"Stopped {stopped.where}. Its topics and records stay." if stopped else "No broker of ours runs.")


@app.command("status", cls=Watchable)
def status_command(output: OutputOption = Output.table, every: WatchOption = None) -> None:
    """Say which broker there is and whether it answers; exit with 1 when none does."""
    cluster = options.configured_cluster()
    now = Status(None)

    def look() -> None:
        nonlocal now
        now = Status(cluster, problem(cluster.bootstrap_servers, timeout=5.0)) if cluster else status()
        where = CONFIGURED if cluster else now.broker.where if now.broker else None
        show_one(_row(now, where), output, lambda: _people(now, where or ""))

    watch(look, every, output)
    if now.broker is None or now.problem:
        raise typer.Exit(options.FOUND)


def _row(now: Status, where: str | None) -> dict[str, str | bool | None]:
    broker = now.broker
    return {
        "bootstrap_servers": broker.bootstrap_servers if broker else None,
        "answers": broker is not None and not now.problem,
        "problem": now.problem,
        "runs_as": where,
        "data": broker.data if broker else None,
        "log": str(broker.logs) if broker and broker.logs else None,
    }


def _people(now: Status, where: str) -> None:
    if now.broker is None:
        out.print("No broker runs. `backoffice broker start` starts one.")
        return
    out.print(_facts(now.broker, where))
    if now.problem:
        err.print(f"It does not answer: {now.problem}", style="red")
    else:
        out.print("It answers.")


@app.command("logs")
def logs_command(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
) -> None:
    """Show the broker's log."""
    try:
        for line in logs(lines=lines, follow=follow):
            out.print(line)
    except BrokerError as error:
        fail(error)
    except (KeyboardInterrupt, BrokenPipeError):
        return  # whoever read it has seen enough


def _facts(broker: Broker, where: str) -> Table:
    rows = {"Kafka": broker.bootstrap_servers, "runs as": where, "data": broker.data, "log": broker.logs}
    table = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        if value is not None:
            table.add_row(name, str(value))
    return table
