"""Dead letters as people and programs read them."""

from collections.abc import Iterable, Iterator
from typing import Any

import typer
from rich.table import Table

from backoffice.cli.options import out
from backoffice.cli.output import Output
from backoffice.cli.output import show as rows
from consumers.dead_letters import showing
from consumers.dead_letters.dealing import Outcome
from consumers.dead_letters.letter import Letter, Summary
from consumers.dead_letters.standing import Alike, Fate
from consumers.render import plain


def say(output: Output, values: list[dict[str, Any]], table: Table) -> None:
    if output is not Output.table:
        rows(values, list(values[0]) if values else ["number"], output)
        return
    if values:
        out.print(table)
    out.print(f"{len(values):,} shown")


def tell(outcomes: Iterable[Outcome], done: str, output: Output) -> None:
    """Each as it is done; exit code 1 when one was refused."""
    told: list[Outcome] = []
    for outcome in outcomes:
        told.append(outcome)
        if output is Output.table:
            out.print(_line(outcome, done), style="yellow" if outcome.refused else None)
    refused = sum(bool(outcome.refused) for outcome in told)
    if output is Output.table:
        out.print(f"{len(told) - refused:,} {done}, {refused:,} refused")
    else:
        values = [showing.of_outcome(outcome) for outcome in told]
        rows(values, list(values[0]) if values else ["number"], output)
    if refused:
        raise typer.Exit(1)


def _line(outcome: Outcome, done: str) -> str:
    if outcome.refused:
        return f"{outcome.number}  refused: {plain(outcome.refused)}"
    return f"{outcome.number}  {done} {'→ ' + plain(outcome.to) if outcome.to else ''}".rstrip()


def reasons(alike: Iterable[Alike]) -> Table:
    table = Table("count", "from", "stage", "last (UTC)", "like", box=None, header_style="bold", pad_edge=False)
    table.add_column("what", overflow="fold")
    for each in alike:
        why = f"{each.reason.exception.rpartition('.')[2]}: {each.reason.pattern}"
        last = f"{each.last:%Y-%m-%d %H:%M}"
        table.add_row(f"{each.count:,}", each.reason.topic, each.reason.stage, last, str(each.example), plain(why))
    return table


def letters(shown: Iterable[Summary], fates: dict[int, Fate]) -> Table:
    table = Table("letter", "at (UTC)", "from", "key", "tries", box=None, header_style="bold", pad_edge=False)
    table.add_column("what", overflow="fold")
    for each in shown:
        fate = fates.get(each.number)
        what = f"{fate} ({each.message})" if fate else each.message
        at = f"{each.at:%Y-%m-%d %H:%M}"
        table.add_row(str(each.number), at, plain(each.came_from), plain(each.key[:40]), str(each.tries), plain(what))
    return table


def whole(letter: Letter, fate: Fate | None, planned: Outcome) -> Iterator[str]:
    summary = letter.summary()
    yield f"letter     {letter.number}, {letter.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"from       {plain(summary.came_from)} ({plain(letter.processor)})"
    yield f"failed     {plain(letter.stage)}: {plain(letter.exception)}"
    yield f"because    {plain(letter.message)}"
    if letter.fields:
        yield f"fields     {', '.join(letter.fields)}"
    yield f"tries      {letter.tries}"
    yield f"state      {plain(str(fate)) if fate else 'open'}"
    yield f"redrive    {plain(planned.refused) if planned.refused else 'would be sent to ' + planned.to}"
    yield f"key        {plain(showing.text(letter.key) or '(none)')}"
    for name, value in letter.headers:
        yield f"header     {plain(name)}: {plain(showing.text(value) or '')}"
    yield ""
    yield "\n".join(plain(line) for line in showing.pretty(letter.value).splitlines()) or "(no value)"
    if letter.stacktrace:
        yield ""
        yield "\n".join(plain(line) for line in letter.stacktrace.splitlines())
