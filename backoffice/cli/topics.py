"""`backoffice topics`: show and carry out what the cluster lacks of a space's topics."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from kafka.admin import KafkaAdminClient
from rich.text import Text

from backoffice import spaces
from backoffice.cli.options import FOUND, SpaceOption, broker_errors, connect, err, fail, here, out, space_name
from backoffice.cli.output import Column, Output, OutputOption, Row, show
from backoffice.registry import inboxes
from backoffice.spaces import PARTITIONS
from infra.admin import admin
from infra.topics import Plan, Refusal, TopicsError, apply, plan
from schemas.topics import Space, topics

app = typer.Typer(help="Show and create the topics of a space.", no_args_is_help=True)

Replay = Annotated[bool, typer.Option("--replay", help="A space for imports and trials: events bring their own time.")]
Partitions = Annotated[
    int | None,
    typer.Option(
        "--partitions", min=1, help=f"Partitions of each inbox; as many as the space has, {PARTITIONS} if new."
    ),
]
Replication = Annotated[
    int | None,
    typer.Option(
        "--replication",
        min=1,
        help="Copies of each new topic; broker.replication of the configuration, else 3 where there are 3 brokers.",
    ),
]


@app.command("plan")
def plan_command(
    space: SpaceOption = None,
    replay: Replay = False,
    partitions: Partitions = None,
    replication: Replication = None,
    output: OutputOption = Output.table,
) -> None:
    """Show what `apply` would do; exit with 1 when a topic differs in a way that it will not change."""
    with _cluster() as cluster:
        planned = _plan(cluster, Space(space_name(space), replay), partitions, replication)
    _show(planned, output)
    _leave(planned.refused)


@app.command("apply")
def apply_command(
    space: SpaceOption = None,
    replay: Replay = False,
    partitions: Partitions = None,
    replication: Replication = None,
) -> None:
    """Create what is missing and change configuration that differs. Nothing is ever deleted."""
    with _cluster() as cluster:
        planned = _plan(cluster, Space(space_name(space), replay), partitions, replication)
        _show(planned, Output.table)
        remaining = apply(cluster, planned, out.print)
    _leave(remaining)


def _plan(cluster: KafkaAdminClient, space: Space, partitions: int | None, replication: int | None) -> Plan:
    specs = topics(space, inboxes(), partitions or spaces.partitions(cluster, space))
    return plan(cluster, specs, replication or here().broker.replication)


@contextmanager
def _cluster() -> Iterator[KafkaAdminClient]:
    try:
        with broker_errors(), admin(connect()) as cluster:
            yield cluster
    except TopicsError as error:
        fail(error)


def _show(planned: Plan, output: Output) -> None:
    show(_rows(planned), COLUMNS, output)
    if output is not Output.table:
        return
    out.print(
        f"{len(planned.create)} to create, {_counted(len(planned.change), 'setting')} to change, "
        f"{len(planned.unchanged)} unchanged, {len(planned.refused)} that differ and stay as they are."
    )


def _rows(planned: Plan) -> Iterator[Row]:
    for creation in planned.create:
        spec = creation.spec
        size = _counted(spec.partitions, "partition")
        if creation.replication > 1:
            size += f", {creation.replication} copies"
        yield {"topic": spec.name, "action": "create", "what": f"{size}: {spec.says}"}
    for change in planned.change:
        yield {"topic": change.topic, "action": "change", "what": f"{change.key}: {change.old} -> {change.new}"}
    for refusal in planned.refused:
        said = f"{refusal.what}: {refusal.now}, not {refusal.wanted}"
        yield {"topic": refusal.topic, "action": "differs", "what": said}


STYLES = {"create": "green", "change": "yellow", "differs": "red"}

COLUMNS = (
    Column("topic"),
    Column("action", "", cell=lambda row: Text(row["action"], style=STYLES[row["action"]])),
    Column("what", folds=True),
)


def _leave(refused: Sequence[Refusal]) -> None:
    """Say what nobody but a person can settle, and how."""
    if not refused:
        return
    for refusal in refused:
        err.print(f"Left as it is: {refusal}.", style="red")
    err.print(
        "The number of partitions is never changed: keys would be parted from their state. "
        "Ask for the number that is there (--partitions), or replay the events into another space.",
        style="red",
    )
    raise typer.Exit(FOUND)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
