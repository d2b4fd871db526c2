"""`backoffice oncall show`, `gaps`, `who` and `ical`: schedules as they come out."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.oncall.known import (
    ON_CALL,
    DaysOption,
    FromOption,
    PlanOption,
    ScheduleArgument,
    instant,
    known_rosters,
)
from backoffice.cli.options import FOUND, SpaceOption
from backoffice.cli.output import Output, OutputOption, show
from backoffice.cli.watching import WatchOption, watch
from backoffice.oncall import ical
from processors.alerting.oncall.roster import Roster, Shift

COLUMNS = ("schedule", "starts_at", "ends_at", ON_CALL)


def show_command(
    schedule: ScheduleArgument = None,
    begin: FromOption = None,
    days: DaysOption = 14,
    plan: PlanOption = False,
    output: OutputOption = Output.table,
    every: WatchOption = None,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Show who is on duty from when to when, nobody included."""

    def look() -> None:
        at = instant(begin, configuration(config).calendar.time_zone, "--from")
        rows = [
            _row(roster, shift)
            for roster in known_rosters(config, schedule, plan, space)
            for shift in roster.shifts(at, at + timedelta(days=days))
        ]
        show(rows, COLUMNS, output)

    watch(look, every, output)


def gaps_command(
    schedule: ScheduleArgument = None,
    begin: FromOption = None,
    days: DaysOption = 366,
    plan: PlanOption = False,
    output: OutputOption = Output.table,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Show when nobody is on duty; exit with 1 when there are such times."""
    at = instant(begin, configuration(config).calendar.time_zone, "--from")
    rows = [
        _row(roster, gap)
        for roster in known_rosters(config, schedule, plan, space)
        for gap in roster.gaps(at, at + timedelta(days=days))
    ]
    show(rows, COLUMNS[:3], output, "Somebody is always on duty.")
    if rows:
        raise typer.Exit(FOUND)


def who_command(
    schedule: ScheduleArgument = None,
    when: Annotated[
        str | None, typer.Option("--at", help="An ISO time, in the organisation's zone unless it says. [now]")
    ] = None,
    plan: PlanOption = False,
    output: OutputOption = Output.table,
    every: WatchOption = None,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Say who is on duty at a time, and until when."""

    def look() -> None:
        at = instant(when, configuration(config).calendar.time_zone, "--at")
        rosters = known_rosters(config, schedule, plan, space)
        show([_now(roster, at) for roster in rosters], ("schedule", ON_CALL, "until"), output)

    watch(look, every, output)


def ical_command(
    schedule: Annotated[str, typer.Argument(help="A schedule of the configuration.")],
    user: Annotated[str | None, typer.Option("--user", help="Only the duties of this user.")] = None,
    plan: PlanOption = False,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Print a schedule as an iCalendar file: a month back, half a year ahead."""
    (roster,) = known_rosters(config, schedule, plan, space)
    sys.stdout.buffer.write(ical(roster, datetime.now(UTC), user))


def _now(roster: Roster, at: datetime) -> dict[str, Any]:
    until = roster.next_change(at)
    return {
        "schedule": roster.schedule.name,
        "on_call": roster.on_call(at),
        "until": None if until is None else _local(roster, until),
    }


def _row(roster: Roster, shift: Shift) -> dict[str, Any]:
    return {
        "schedule": roster.schedule.name,
        "starts_at": _local(roster, shift.starts_at),
        "ends_at": _local(roster, shift.ends_at),
        "on_call": shift.on_call,
    }


def _local(roster: Roster, at: datetime) -> str:
    """As the schedule's wall shows it, with the offset."""
    return roster.calendar.local(at).isoformat(timespec="minutes")
