"""`backoffice silence`: silences made, listed, ended, and what one would mute."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import ValidationError

from backoffice.cli import times
from backoffice.cli.alerts.listing import COLUMNS as ALERT_COLUMNS
from backoffice.cli.alerts.listing import chosen_of, row
from backoffice.cli.alerts.office import Office, opened
from backoffice.cli.options import FOUND, SpaceOption, err, fail, out
from backoffice.cli.output import Column, Output, OutputOption, show
from backoffice.cli.people import By, who
from consumers.api.ports import operator
from consumers.api.suppression import state
from consumers.render import plain
from consumers.selection import Selection, Stands
from processors.matchers import Matcher, parse
from schemas.alerts import Silence, SilenceMatcher
from schemas.codec import explain
from schemas.commands import SilenceExpire, SilenceSet

app = typer.Typer(help="Silences: add, list, expire; preview what one would mute.", no_args_is_help=True)

Matchers = Annotated[
    list[str],
    typer.Argument(
        metavar="MATCHER...",
        help="Labels that alerts must have, all of them: 'department=\"it\"' subject=~'service/.*'.",
    ),
]
AN_HOUR = timedelta(hours=1)


@app.command("add")
def add_command(
    matchers: Matchers,
    comment: Annotated[str, typer.Option("--comment", "-c", help="Why.")],
    for_: Annotated[str | None, typer.Option("--for", help="For so long: 30m, 2h, 3d. [1h]")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="From then: an ISO time, UTC unless it says. [now]")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Until then: the same.")] = None,
    by: By = None,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Silence alerts: whoever has all these labels tells nobody. Prints the silence's id; says what it mutes now."""
    person, read = who(by), _matchers(matchers)
    office = opened(space)
    starts_at = office.now if begin is None else times.instant(begin, "--from")
    ends_at = times.until(starts_at, for_, until) or starts_at + AN_HOUR
    if ends_at <= max(starts_at, office.now):
        fail(f"It would end at {ends_at:%Y-%m-%d %H:%M} UTC: that is before it begins, or over.")
    silence = str(uuid4())
    try:
        wanted = SilenceSet(
            silence=silence,
            matchers=tuple(_as_said(matcher) for matcher in read),
            starts_at=starts_at,
            ends_at=ends_at,
            by=person,
            comment=comment,
        )
    except ValidationError as error:
        fail(explain(error))
    _give(office, [wanted])
    muted = chosen_of(office, Selection(matchers=read))
    err.print(f"Silenced until {ends_at:%Y-%m-%d %H:%M} UTC; {len(muted)} of the alerts that fire match.", style="dim")
    show([{"silence": silence, "ends_at": ends_at, "matches": len(muted)}], (Column("silence", ""),), output)


@app.command("list")
def list_command(
    all_: Annotated[bool, typer.Option("--all", "-a", help="Those that are over, too.")] = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """List the silences that hold or are to come, those that end first above."""
    office = opened(space)
    with office.standing() as standing:
        held = [one.event for one in standing.silences.values()]
        rows = [
            {
                **silence.model_dump(mode="json"),
                "state": state(silence, office.now),
                "matches": len(list(standing.matching([_read(matcher) for matcher in silence.matchers]))),
                "says": ", ".join(map(str, map(_read, silence.matchers))),
            }
            for silence in sorted(held, key=lambda one: (one.ends_at, one.silence))
            if all_ or state(silence, office.now) != "expired"
        ]
    show(rows, COLUMNS, output, "No silences.")


@app.command("expire")
def expire_command(
    which: Annotated[list[str], typer.Argument(metavar="SILENCE...", help="Which: ids, or how they begin.")],
    by: By = None,
    space: SpaceOption = None,
) -> None:
    """End silences now."""
    person, office = who(by), opened(space)
    found = {silence.silence: silence for silence in (_find(office, id) for id in which)}
    late = [id for id, silence in found.items() if state(silence, office.now) == "expired"]
    _give(office, [SilenceExpire(by=person, silence=id) for id in found if id not in late])
    for id in found:
        if id not in late:
            out.print(f"expired  {id}")
    for id in late:
        err.print(f"{id} is over already.", style="yellow")
    if late:
        raise typer.Exit(FOUND)


@app.command("preview")
def preview_command(matchers: Matchers, output: OutputOption = Output.table, space: SpaceOption = None) -> None:
    """Show the alerts that fire now and that a silence with these matchers would mute. Nothing is sent."""
    read = _matchers(matchers)
    muted: list[Stands] = chosen_of(opened(space), Selection(matchers=read))
    show((row(stands) for stands in muted), ALERT_COLUMNS, output, "It would mute none of the alerts that fire now.")


COLUMNS = (
    Column("silence"),
    Column("state"),
    Column("ends_at", "until (UTC)", cell=lambda row: row["ends_at"][:16].replace("T", " ")),
    Column("starts_at", hidden=True),
    Column("created_by", "by"),
    Column("matches", right=True),
    Column("says", "alerts with", cell=lambda row: plain(f"{row['says']}: {row['comment']}"), folds=True),
    Column("comment", hidden=True),
)


def _matchers(texts: Sequence[str]) -> list[Matcher]:
    """What the words say. Ends the command for what no silence may be: it would mute everything there is."""
    try:
        read = [parse(text) for text in texts]
    except ValueError as error:
        fail(error)
    # As Alertmanager has it: one that must not be or match something counts as a condition.
    if all(matcher.operator in ("=", "=~") and matcher.matches({}) for matcher in read):
        fail("One matcher at least must not match an empty label: these would mute everything.")
    return read


def _as_said(matcher: Matcher) -> SilenceMatcher:
    return SilenceMatcher(
        name=matcher.name,
        value=matcher.value,
        is_regex=matcher.operator in ("=~", "!~"),
        is_equal=matcher.operator in ("=", "=~"),
    )


def _read(said: SilenceMatcher) -> Matcher:
    from processors.matchers import matcher

    return matcher(said.name, operator(said), said.value)


def _find(office: Office, prefix: str) -> Silence:
    with office.standing() as standing:
        found = [held.event for id, held in standing.silences.items() if prefix and id.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    many = f"The ids of {len(found)} silences begin" if found else "No silence's id begins"
    fail(f"{many} with {prefix!r}; `backoffice silence list --all` shows them.", code=1)


def _give(office: Office, wanted: Sequence[SilenceSet | SilenceExpire]) -> None:
    from backoffice.deciding import BY_WAY_OF
    from consumers.api.errors import Problem
    from consumers.api.ports import NotWritten, Said
    from producers.errors import NotSent

    if not wanted:
        return
    said: list[Any] = [Said(one, f"silence/{one.silence}") for one in wanted]
    try:
        with office.service() as service:
            service.give(said, BY_WAY_OF)
    except (Problem, NotWritten, NotSent) as error:
        fail(error, code=FOUND)
