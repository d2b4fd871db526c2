"""`backoffice dlq`: dead letters, by what they failed of; one whole; sent again; discarded.

Exit codes: 0, all was done; 1, something was refused or is not there; 2, nothing could be done at all.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import click
import typer
from rich.table import Table

from backoffice.cli.options import SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, show_one
from backoffice.cli.output import show as rows
from consumers.api.ports import NotWritten
from consumers.dead_letters import showing
from consumers.dead_letters.box import NoSuchLetter
from consumers.dead_letters.dealing import Dealing, Outcome, Person
from consumers.dead_letters.letter import Letter, Summary
from consumers.dead_letters.resending import MOST_TRIES, Copy
from consumers.dead_letters.standing import Alike, Choice, Fate, Standing
from consumers.log import Unreachable
from consumers.render import plain
from consumers.streams.start import instant

app = typer.Typer(no_args_is_help=True, help="Records that could not be read or applied: look, redrive, discard.")


Numbers = Annotated[list[int] | None, typer.Argument(help="Which letters: their numbers, as `dlq list` shows them.")]
By = Annotated[str, typer.Option("--by", envvar="BACKOFFICE_USER", help="Who does it.")]
All = Annotated[bool, typer.Option("--all", help="All that are open and that the filters let through.")]
From = Annotated[str, typer.Option("--topic", help="Only those that came from this inbox.")]
Stage = Annotated[str, typer.Option("--stage", help="Only of this stage, such as VALUE_CONVERTER.")]
Type = Annotated[str, typer.Option("--type", "-t", help="Only of this event type.")]
Text = Annotated[str, typer.Option("--text", help="Only with this in the key, the message or the exception.")]
Since = Annotated[str | None, typer.Option("--since", help="Only since then: 10m, 2h, 3d, or an ISO time.")]
Like = Annotated[int | None, typer.Option("--like", help="Only those that failed as this letter did.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@app.command("list")
def list_(
    by_reason: Annotated[bool, typer.Option("--by-reason", help="What they failed of, with counts.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Those that were redriven or discarded, instead.")] = False,
    topic: From = "",
    stage: Stage = "",
    type_: Type = "",
    text: Text = "",
    since: Since = None,
    like: Like = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the latest.")] = 100,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Show the letters that nobody has dealt with, the latest first."""
    with _office(space) as office:
        choice = _choice(office, None, topic, stage, type_, text, since, like)
        if by_reason:
            alike = office.box.look(lambda standing: standing.alike(choice))
            _say(output, [showing.of_alike(each) for each in alike], _reasons(alike))
            return

        def at(standing: Standing) -> tuple[list[Summary], dict[int, Fate], int]:
            found = standing.closed(choice) if closed else standing.open(choice)
            return list(found), dict(standing.fates), standing.unread

        found, fates, unread = office.box.look(at)
    shown = found[:limit]
    _say(output, [showing.of_summary(each, fates.get(each.number)) for each in shown], _letters(shown, fates))
    if len(found) > limit:
        err.print(f"{len(found) - limit:,} more: --limit shows them, --by-reason counts them.", style="dim")
    if unread:
        err.print(f"{unread:,} more come after these and are read once these are dealt with.", style="yellow")


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="Which letter.")],
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Show one letter whole: the record, why it failed, and whether it could be sent again."""
    with _office(space) as office:
        letter = office.box.letter(number)
        fate = office.box.look(lambda standing: standing.fates.get(number))
        (planned,) = office.plan((number,))
    said = {**showing.of_letter(letter, fate), "redrive": showing.of_outcome(planned)}

    def people() -> None:
        for line in _whole(letter, fate, planned):
            out.print(line)

    show_one(said, output, people)


@app.command()
def redrive(
    by: By,
    numbers: Numbers = None,
    all_: All = False,
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    dry_run: DryRun = False,
    edit: Annotated[bool, typer.Option("--edit", help="Correct the value in $EDITOR first; for one letter.")] = False,
    value: Annotated[
        str | None, typer.Option("--value", help="A file with the corrected value, - for standard input.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="The corrected key.")] = None,
    most_tries: Annotated[
        int, typer.Option("--most-tries", min=1, help="Refuse what came back as often.")
    ] = MOST_TRIES,
    topic: From = "",
    stage: Stage = "",
    type_: Type = "",
    text: Text = "",
    since: Since = None,
    like: Like = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Send letters again to where they came from, each once: what was interrupted goes on with the same command."""
    with _office(space, most_tries) as office:
        if office.closed:
            fail(f"Nothing can be sent again: {office.closed}.")
        choice = _choice(office, numbers, topic, stage, type_, text, since, like)
        chosen = _chosen(office, choice, all_)
        copy = _copy(office, chosen, edit, value, key)
        who = _person(by)
        done = office.plan(chosen, copy) if dry_run else office.redrive(chosen, who, note, copy)
        _tell(done, "would be sent again" if dry_run else "sent again", output)


@app.command()
def discard(
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why they are not wanted.")],
    numbers: Numbers = None,
    all_: All = False,
    topic: From = "",
    stage: Stage = "",
    type_: Type = "",
    text: Text = "",
    since: Since = None,
    like: Like = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Lay letters aside for a reason. They stay on the topic, and the audit says who did it and why."""
    if not reason.strip():
        fail("--reason: say why they are not wanted")
    with _office(space) as office:
        choice = _choice(office, numbers, topic, stage, type_, text, since, like)
        _tell(office.discard(_chosen(office, choice, all_), _person(by), reason), "discarded", output)


# What is meant


@contextmanager
def _office(space: str | None, most_tries: int = MOST_TRIES) -> Iterator[Dealing]:
    """What deals with letters; what goes wrong there ends the command with a line."""
    from backoffice.dead_letters import dealing  # loads every department: only when they are wanted

    bootstrap_servers = connect()
    where = space_at(bootstrap_servers, space)
    try:
        with broker_errors():
            yield dealing(bootstrap_servers, where, most_tries)
    except NoSuchLetter as error:
        fail(error, code=1)
    except (Unreachable, NotWritten) as error:
        fail(error)


def _choice(
    office: Dealing,
    numbers: Sequence[int] | None,
    topic: str,
    stage: str,
    type_: str,
    text: str,
    since: str | None,
    like: int | None,
) -> Choice:
    """The filters of the command line as one."""
    return Choice(
        numbers=frozenset(numbers or ()),
        reason=None if like is None else office.box.letter(like).summary().reason,
        topic=topic,
        stage=stage,
        type=type_,
        text=text,
        since=None if since is None else _instant(since),
    )


def _instant(text: str) -> datetime:
    try:
        return instant(text, datetime.now(UTC))
    except ValueError as error:
        fail(f"--since {error}")


def _chosen(office: Dealing, choice: Choice, all_: bool) -> list[int]:
    """Numbers that were named are taken at their word, open or not: what cannot be done is said of each."""
    if choice.numbers:
        return sorted(choice.numbers)
    if not all_:
        fail("Name letters by their numbers, or say --all, with filters if not all of them are meant.")
    return sorted(letter.number for letter in office.box.look(lambda standing: standing.open(choice)))


def _copy(office: Dealing, chosen: Sequence[int], edit: bool, value: str | None, key: str | None) -> Copy | None:
    if not edit and value is None and key is None:
        return None
    if len(chosen) != 1:
        fail("A corrected copy (--edit, --value, --key) stands for one letter: name one.")
    letter = office.box.letter(chosen[0])
    content = letter.value
    if value is not None:
        content = sys.stdin.buffer.read() if value == "-" else _file(value)
    if edit:
        written = click.edit(showing.pretty(content), extension=".json")
        if written is None:
            fail("Nothing was changed, and nothing sent.", code=1)
        content = written.encode()
    return Copy(letter.key if key is None else key.encode(), content)


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        fail(f"--value {name}: {error.strerror}")


def _person(by: str) -> Person:
    try:
        return Person(by)
    except ValueError as error:
        fail(f"--by: {error}")


# What is said


def _say(output: Output, values: list[dict[str, Any]], table: Table) -> None:
    if output is not Output.table:
        rows(values, list(values[0]) if values else ["number"], output)
        return
    if values:
        out.print(table)
    out.print(f"{len(values):,} shown")


def _tell(outcomes: Iterable[Outcome], done: str, output: Output) -> None:
    """Each as it is done; exit code 1 when one was refused."""
    told: list[Outcome] = []
    for outcome in outcomes:
        told.append(outcome)
        if output is Output.table:
            what = (
                f"refused: {outcome.refused}"
                if outcome.refused
                else f"{done} {'→ ' + outcome.to if outcome.to else ''}"
            )
            out.print(f"{outcome.number}  {plain(what)}".rstrip(), style="yellow" if outcome.refused else None)
    refused = sum(bool(outcome.refused) for outcome in told)
    if output is Output.table:
        out.print(f"{len(told) - refused:,} {done}, {refused:,} refused")
    else:
        values = [showing.of_outcome(outcome) for outcome in told]
        rows(values, list(values[0]) if values else ["number"], output)
    if refused:
        raise typer.Exit(1)


def _reasons(alike: Iterable[Alike]) -> Table:
    table = Table("count", "from", "stage", "last (UTC)", "like", box=None, header_style="bold", pad_edge=False)
    table.add_column("what", overflow="fold")
    for each in alike:
        why = f"{each.reason.exception.rpartition('.')[2]}: {each.reason.pattern}"
        last = f"{each.last:%Y-%m-%d %H:%M}"
        table.add_row(f"{each.count:,}", each.reason.topic, each.reason.stage, last, str(each.example), plain(why))
    return table


def _letters(letters: Iterable[Summary], fates: dict[int, Fate]) -> Table:
    table = Table("letter", "at (UTC)", "from", "key", "tries", box=None, header_style="bold", pad_edge=False)
    table.add_column("what", overflow="fold")
    for each in letters:
        fate = fates.get(each.number)
        what = f"{fate} ({each.message})" if fate else each.message
        at = f"{each.at:%Y-%m-%d %H:%M}"
        table.add_row(str(each.number), at, plain(each.came_from), plain(each.key[:40]), str(each.tries), plain(what))
    return table


def _whole(letter: Letter, fate: Fate | None, planned: Outcome) -> Iterator[str]:
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
