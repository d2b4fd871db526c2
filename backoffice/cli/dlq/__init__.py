"""`backoffice dlq`: dead letters, by what they failed of; one whole; sent again; discarded.

Exit codes: 0, all was done; 1, something was refused or is not there; 2, nothing could be done at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from backoffice.cli.dlq.choosing import Filters, Meant
from backoffice.cli.dlq.correcting import Correction
from backoffice.cli.dlq.telling import letters, reasons, say, tell, whole
from backoffice.cli.gathering import gathers
from backoffice.cli.options import SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, show_one
from consumers.api.ports import NotWritten
from consumers.dead_letters import showing
from consumers.dead_letters.box import NoSuchLetter
from consumers.dead_letters.dealing import Dealing, Person
from consumers.dead_letters.letter import Summary
from consumers.dead_letters.resending import MOST_TRIES
from consumers.dead_letters.standing import Fate, Standing
from consumers.log import Unreachable

app = typer.Typer(no_args_is_help=True, help="Records that could not be read or applied: look, redrive, discard.")

By = Annotated[str, typer.Option("--by", envvar="BACKOFFICE_USER", help="Who does it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@app.command("list")
@gathers
def list_(
    *,
    by_reason: Annotated[bool, typer.Option("--by-reason", help="What they failed of, with counts.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Those that were redriven or discarded, instead.")] = False,
    filters: Filters,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the latest.")] = 100,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Show the letters that nobody has dealt with, the latest first."""
    with _office(space) as office:
        choice = filters.choice(office)
        if by_reason:
            alike = office.box.look(lambda standing: standing.alike(choice))
            say(output, [showing.of_alike(each) for each in alike], reasons(alike))
            return

        def at(standing: Standing) -> tuple[list[Summary], dict[int, Fate], int]:
            found = standing.closed(choice) if closed else standing.open(choice)
            return list(found), dict(standing.fates), standing.unread

        found, fates, unread = office.box.look(at)
    shown = found[:limit]
    say(output, [showing.of_summary(each, fates.get(each.number)) for each in shown], letters(shown, fates))
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
        for line in whole(letter, fate, planned):
            out.print(line)

    show_one(said, output, people)


@app.command()
@gathers
def redrive(
    *,
    by: By,
    meant: Meant,
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    dry_run: DryRun = False,
    correction: Correction,
    most_tries: Annotated[
        int, typer.Option("--most-tries", min=1, help="Refuse what came back as often.")
    ] = MOST_TRIES,
    filters: Filters,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Send letters again to where they came from, each once: what was interrupted goes on with the same command."""
    with _office(space, most_tries) as office:
        if office.closed:
            fail(f"Nothing can be sent again: {office.closed}.")
        chosen = meant.chosen(office, filters)
        copy = correction.copy(office, chosen)
        who = _person(by)
        done = office.plan(chosen, copy) if dry_run else office.redrive(chosen, who, note, copy)
        tell(done, "would be sent again" if dry_run else "sent again", output)


@app.command()
@gathers
def discard(
    *,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="Why they are not wanted.")],
    meant: Meant,
    filters: Filters,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Lay letters aside for a reason. They stay on the topic, and the audit says who did it and why."""
    if not reason.strip():
        fail("--reason: say why they are not wanted")
    with _office(space) as office:
        tell(office.discard(meant.chosen(office, filters), _person(by), reason), "discarded", output)


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


def _person(by: str) -> Person:
    try:
        return Person(by)
    except ValueError as error:
        fail(f"--by: {error}")
