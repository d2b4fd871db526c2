"""Short ways to say who is on duty, and a slow way to find out: minute by minute, looking at the wall."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from processors.alerting.oncall.away import Span
from processors.alerting.oncall.roster import Roster
from processors.alerting.settings import Layer, PlannedOverride, Restriction, Schedule
from processors.calendar import WEEKDAYS, CalendarSettings

BERLIN = "Europe/Berlin"
DAY = timedelta(days=1)


def layer(*participants: str, **values: Any) -> dict[str, Any]:
    """A weekly layer from Monday 5 January 2026 on."""
    return {"name": f"of-{participants[0]}", "participants": participants, "starts_on": "2026-01-05", **values}


def roster(*layers: dict[str, Any], time_zone: str = BERLIN, **values: Any) -> Roster:
    named = [{**each, "name": f"{n}-{each['name']}"} for n, each in enumerate(layers)]
    schedule = Schedule.model_validate({"name": "it", "time_zone": time_zone, "layers": named, **values})
    return Roster.of(schedule, CalendarSettings())


def instant(text: str, zone: str = BERLIN) -> datetime:
    """What a wall in that zone shows, for the first time, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def who(roster: Roster, *times: str) -> list[str]:
    """Who is on duty at these times on the wall."""
    zone = roster.calendar.time_zone
    return [" ".join(roster.on_call(instant(time, zone))) for time in times]


def spoken(roster: Roster, begin: str, end: str) -> list[tuple[str, str]]:
    """The shifts between two times on the wall: from when on (`Mon 01-05 09:00`), and who."""
    calendar = roster.calendar
    shifts = roster.shifts(instant(begin, calendar.time_zone), instant(end, calendar.time_zone))
    return [(f"{calendar.local(s.starts_at):%a %m-%d %H:%M}", " ".join(s.on_call)) for s in shifts]


def override(begin: str, end: str, user: str | None = None, **values: Any) -> PlannedOverride:
    """Times are on Berlin's wall."""
    return PlannedOverride(starts_at=instant(begin), ends_at=instant(end), user=user, **values)


def watched(roster: Roster, begin: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, list[str]]]:
    """Who is on duty at each step, found by looking at the wall from the day before on. Knows no instants of zones:
    a hand-over has come as soon as the wall has shown its time or a later one."""
    zone = ZoneInfo(roster.calendar.time_zone)
    turns = [_Turns(layer) for layer in roster.schedule.layers]
    latest, at = datetime(1, 1, 1), begin - DAY  # noqa: DTZ001 - what a wall shows has no zone
    while at < end:
        latest = max(latest, at.astimezone(zone).replace(tzinfo=None))
        if at >= begin:
            yield at, _on_duty(roster, turns, latest, at)
        at += step


def _on_duty(roster: Roster, turns: "list[_Turns]", wall: datetime, at: datetime) -> list[str]:
    found: list[str] = []
    for its in turns:  # later layers go over earlier ones
        user = its.turn(wall)
        if user and not _away(roster.away, user, at) and _applies(its.layer, roster, wall):
            found = [user]
    for one in (*roster.schedule.overrides, *roster.overrides):
        if not one.starts_at <= at < one.ends_at or (one.user and _away(roster.away, one.user, at)):
            continue
        if one.besides:
            found = [*found, *({one.user or ""} - {*found})]
        elif one.instead_of is None:
            found = [one.user or ""]
        else:
            replaced = [one.user if name == one.instead_of else name for name in found]
            found = [name for n, name in enumerate(replaced) if name and name not in replaced[:n]]
    return found


class _Turns:
    """Counts hand-overs as the wall comes to them."""

    def __init__(self, layer: Layer) -> None:
        self.layer, self.n = layer, 0
        self.begins = _wall(layer.starts_on, layer.hand_over)
        self.next = self.begins + self._first_turn()

    def _first_turn(self) -> timedelta:
        if self.layer.rotation == "custom":
            return timedelta(hours=self.layer.shift_hours or 0)
        if self.layer.rotation == "daily":
            return DAY
        days = 1
        while WEEKDAYS[(self.layer.starts_on + days * DAY).weekday()] != self.layer.hand_over_weekday:
            days += 1
        return days * DAY

    def turn(self, wall: datetime) -> str | None:
        lengths = {"daily": DAY, "weekly": 7 * DAY, "custom": timedelta(hours=self.layer.shift_hours or 0)}
        while self.next <= wall:
            self.n, self.next = self.n + 1, self.next + lengths[self.layer.rotation]
        if wall < self.begins or (self.layer.ends_on and wall >= _wall(self.layer.ends_on, self.layer.hand_over)):
            return None
        return self.layer.participants[self.n % len(self.layer.participants)]


def _applies(layer: Layer, roster: Roster, wall: datetime) -> bool:
    holiday = not roster.calendar.is_business_day(wall.date())
    if layer.holidays == ("exclude" if holiday else "only"):
        return False
    return not layer.restrictions or any(_covers(restriction, wall) for restriction in layer.restrictions)


def _covers(restriction: Restriction, wall: datetime) -> bool:
    for back in range(9):
        day = wall.date() - back * DAY
        if restriction.weekdays and WEEKDAYS[day.weekday()] not in restriction.weekdays:
            continue
        begins, last = _wall(day, restriction.starts), day
        while restriction.ends_on and WEEKDAYS[last.weekday()] != restriction.ends_on:
            last += DAY
        ends = _wall(last, restriction.ends)
        if ends <= begins:
            ends += 7 * DAY if restriction.ends_on else DAY
        if begins <= wall < ends:
            return True
    return False


def _wall(day: date, clock: str) -> datetime:
    return datetime.combine(day, time()) + DAY if clock == "24:00" else datetime.combine(day, time.fromisoformat(clock))


def _away(away: Mapping[str, tuple[Span, ...]], user: str, at: datetime) -> bool:
    return any(span.starts_at <= at < span.ends_at for span in away.get(user, ()))
