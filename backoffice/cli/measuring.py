"""`backoffice measure`: numbers and sets of cases that the states answer."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, space_at
from backoffice.cli.output import Column, Output, OutputOption, document, show
from backoffice.registry import processors
from backoffice.states import states
from consumers.render import plain
from infra.admin import admin
from infra.topics.cluster import existing
from processors.measure import Answer
from processors.processor import Processor

SHOWN = 4
"""Cases or labels shown of one answer in a table; JSON has them all."""


def measure_command(
    names: Annotated[list[str] | None, typer.Argument(help="Measures to take; all by default.")] = None,
    space: SpaceOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Take measures over the states of a space: sets of cases, counts by label, maxima."""
    wanted = [p for p in processors() if any(not names or name in names for name in p.measures)]
    if names and (unknown := set(names) - {name for p in wanted for name in p.measures}):
        known = ", ".join(sorted(name for p in processors() for name in p.measures))
        fail(f"There is no measure {', '.join(sorted(unknown))}; there are: {known}.")
    bootstrap = connect()
    with broker_errors():
        answers = _answers(bootstrap, space, wanted, names)
    if output is Output.json:
        document(dict(sorted(answers.items())))
        return
    rows = [{"measure": name, "answer": _size(answer), "which": answer} for name, answer in sorted(answers.items())]
    show(rows, COLUMNS, output)


COLUMNS = (
    Column("measure"),
    Column("answer", right=True),
    Column("which", cell=lambda row: plain(_some(row["which"])), folds=True),
)


def _answers(
    bootstrap: str, name: str | None, wanted: Iterable[Processor], names: list[str] | None
) -> dict[str, Answer]:
    space = space_at(bootstrap, name)
    answers: dict[str, Answer] = {}
    for processor in wanted:
        inbox = space.topic(processor.inbox)
        with admin(bootstrap) as cluster:
            partitions = existing(cluster, [inbox])[inbox].partitions
        found = list(states(bootstrap, space, processor, partitions))
        for measure in processor.measures.values():
            if not names or measure.name in names:
                answers[measure.name] = measure.over(found)
    return answers


def _size(answer: Answer) -> int:
    return answer if isinstance(answer, int) else len(answer)


def _some(answer: Answer) -> str:
    if isinstance(answer, int):
        return ""
    ordered = sorted(answer.items(), key=lambda kv: -kv[1]) if isinstance(answer, Mapping) else sorted(answer)
    shown = [f"{each[0]}: {each[1]}" if isinstance(each, tuple) else each for each in ordered[:SHOWN]]
    return ", ".join(shown) + (", ..." if len(answer) > SHOWN else "")
