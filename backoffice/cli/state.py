"""`backoffice state`: what is remembered now, from the changelogs."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from backoffice.cli.options import SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, Row, stream
from backoffice.registry import processors
from backoffice.remembered import keepers, keys, kinds, remembered
from infra.admin import admin
from infra.topics.cluster import existing
from processors.processor import Processor
from schemas.topics import Space, changelog

app = typer.Typer(help="Look at what is remembered.", no_args_is_help=True)

ProcessorOption = Annotated[
    str | None, typer.Option("--processor", help="Only what this one remembers. [all that keep such keys]")
]


@app.command("get")
def get_command(
    key: Annotated[str, typer.Argument(help="The key, <kind>/<id>: vendor/acme. Alerting has one key, office.")],
    processor: ProcessorOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="The rows as they stand on the changelog.")] = False,
    space: SpaceOption = None,
) -> None:
    """Show what is remembered of a key now, as JSON: one document for each processor that remembers something of it.

    Nothing is masked: what events said of people is shown.
    """
    wanted = _chosen(key, processor)
    bootstrap = connect()
    where = space_at(bootstrap, space)
    there = 0
    with broker_errors():
        for each, partitions in _in_space(bootstrap, where, wanted):
            if (found := remembered(bootstrap, where, each, partitions, key)) is not None:
                there += 1
                shown = found.as_rows() if raw else found.as_json()
                out.print(json.dumps(shown, indent=2, ensure_ascii=False))
    if not there:
        fail(f"Nothing is remembered of {key} in {where.name} by {', '.join(p.name for p in wanted)}.", code=1)


@app.command("list")
def list_command(
    kind: Annotated[str | None, typer.Option("--kind", help="Only keys of this kind, such as vendor.")] = None,
    processor: ProcessorOption = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """List the keys of which something is remembered, one in a line: processor and key."""
    wanted = [p for p in _named(processor) if kind is None or kind in p.aggregates]
    if not wanted:
        fail(f"Nobody keeps anything of kind {kind!r}; there are {', '.join(kinds(_named(processor)))}.")
    bootstrap = connect()
    where = space_at(bootstrap, space)
    count = 0

    def found() -> Iterator[Row]:
        nonlocal count
        for each, partitions in _in_space(bootstrap, where, wanted):
            for partition in range(partitions):
                for key in keys(bootstrap, where, each, partition, kind or ""):
                    count += 1
                    yield {"processor": each.name, "key": key}

    with broker_errors():
        stream(found(), ("processor", "key"), output, lambda row: out.print(f"{row['processor']} {row['key']}"))
    err.print(f"{count:,} keys", style="dim")


def _named(name: str | None) -> list[Processor]:
    found = [p for p in processors() if name in (None, p.name)]
    return found or fail(f"There is no processor {name!r}; there are {', '.join(p.name for p in processors())}.")


def _chosen(key: str, processor: str | None) -> list[Processor]:
    named = _named(processor)
    if not (found := keepers(named, key)):
        fail(f"{key!r}: nobody keeps such a key. Give <kind>/<id>; kinds are {', '.join(kinds(named))}.")
    return found


def _in_space(bootstrap: str, space: Space, wanted: list[Processor]) -> Iterator[tuple[Processor, int]]:
    """Those that have a changelog in the space, and in how many partitions."""
    topics = {space.topic(changelog(p.name)): p for p in wanted}
    with admin(bootstrap) as cluster:
        found = existing(cluster, list(topics))
    yield from ((p, found[topic].partitions) for topic, p in topics.items() if topic in found)
