"""A look at a group: what of it may be told now, whether there is a reason to, and who hears it (Alertmanager's
`aggrGroup.flush` and the stages of its pipeline)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from processors.alerting import dedup, groups, inhibition, keeping, schedule, silences
from processors.alerting.dedup import Known, Standing
from processors.alerting.notices import Telling, tell
from processors.alerting.roster import Mark
from processors.alerting.route import Destination, routing
from processors.alerting.state import Alerting, AlertRow, Climb, GroupRow, Place
from processors.alerting.times import closed_by
from processors.instants import after
from processors.step import Step
from schemas.notices import NoticeReason

SWEPT = timedelta(minutes=15)
"""How often Alertmanager sweeps its log of notifications: until then it counts what has expired in it, too."""

Muted = Callable[[Mapping[str, str]], bool]


class Seen(NamedTuple):
    """One alert of a group, as a look finds it. A tuple: one look may find a hundred thousand."""

    fingerprint: str
    row: AlertRow
    mark: Mark
    page: int
    silenced: bool
    """Whether a silence, another alert or the time of the week keeps anybody from hearing of it."""

    @property
    def speaks(self) -> bool:
        """Whether anybody may hear of it now."""
        return not self.silenced and not (self.row.ends_at is None and self.row.held_back)

    @property
    def news(self) -> bool:
        """Whether the last notice said something else of it, or nothing."""
        return self.mark != ("firing" if self.row.firing else "resolved")


def look(step: Step[Alerting], group: str, at: datetime) -> Step[Alerting]:
    """Looks at a group, at the instant it waits for or before."""
    state = step.state
    row = state.groups.get(group)
    if row is None:
        return step
    route = schedule.route_of(state, row)
    if not row.count.members:
        return Step(_ends(state, group, row, route, at), step.emit)
    if route is None:
        return step
    closed = bool(closed_by(state.settings, route, at))
    if not _may_find_something(state, row, route, closed, at):
        return Step(_looked(state, group, row.look.news, row.look.silent, closed, at), step.emit)
    seen = survey(state, group, row, at, closed)
    step = _told(step, group, route, seen, at)
    step = _without_ended(step, group, seen, at)
    silent = any(one.row.firing and one.silenced for one in seen)
    row = step.state.groups[group]
    if not row.count.members:
        return Step(_ends(step.state, group, row, route, at), step.emit)
    return Step(_looked(step.state, group, False, silent, closed, at), step.emit)


def muted(state: Alerting, at: datetime) -> Muted:
    """Whose labels are inhibited or silenced at this instant."""
    inhibited, silenced = inhibition.inhibited(state, at), silences.silenced(state, at)
    return lambda labels: inhibited(labels) or silenced(labels)


def survey(state: Alerting, group: str, row: GroupRow, at: datetime, closed: bool) -> list[Seen]:
    """Every alert of a group. `closed`: nobody may hear of any."""
    is_muted = muted(state, at)
    found = []
    for number, page in groups.pages(state, group):
        for fingerprint, mark in page.alerts.items():
            if mark.startswith("left"):
                continue
            alert = state.alerts[fingerprint]
            found.append(Seen(fingerprint, alert, mark, number, closed or is_muted(alert.labels)))
    return found


def _may_find_something(state: Alerting, row: GroupRow, route: Destination, closed: bool, at: datetime) -> bool:
    """Whether any alert may be told otherwise than at the last look; else none of them need be looked at."""
    if row.look.news or row.look.special:
        return True
    if closed:
        return False
    if row.look.closed or (row.look.silent and row.look.noise != state.noise):
        return True
    return row.known.at is not None and at - row.known.at > route.repeat_interval


def _told(step: Step[Alerting], group: str, route: Destination, seen: list[Seen], at: datetime) -> Step[Alerting]:
    """Tells who has to hear of it, if there is a reason."""
    row = step.state.groups[group]
    speaking = [one for one in seen if one.speaks]
    reason = _reason(row, route, speaking, at)
    if reason is None:
        return step
    receivers = _receivers(step.state, row, reason, speaking)
    shown = [(one.fingerprint, one.row) for one in speaking if one.row.firing or route.send_resolved]
    step = tell(step, Telling(group, receivers, reason, shown))
    return Step(_knows(step.state, group, speaking, at), step.emit)


def _reason(row: GroupRow, route: Destination, speaking: list[Seen], at: datetime) -> NoticeReason | None:
    if not speaking:
        return None
    firing = [one for one in speaking if one.row.firing]
    standing = Standing(
        firing=len(firing),
        unknown_firing=sum(one.news for one in firing),
        unknown_ended=sum(one.news for one in speaking if not one.row.firing),
    )
    reason = dedup.why(row.known, standing, at, route.repeat_interval, route.send_resolved)
    if row.look.special and firing:
        return row.look.special
    if reason == "repeat interval elapsed" and not any(one.row.wants_somebody for one in firing):
        return None  # somebody has taken all of them: they need no reminder
    return reason


def _receivers(state: Alerting, row: GroupRow, reason: NoticeReason, speaking: list[Seen]) -> tuple[str, ...]:
    """The route's; where it concerns all who know of the group, those whom it has climbed to as well."""
    if reason == row.look.special:
        return (row.receiver, *row.told)
    if reason == "all alerts resolved":
        others = (state.settings.receiver(name) for name in row.told if name != row.receiver)
        wanted = tuple(other.name for other in others if other and other.send_resolved)
        return (row.receiver, *_not_routed(state, wanted, speaking))
    return (row.receiver,)


def _not_routed(state: Alerting, names: tuple[str, ...], speaking: list[Seen]) -> tuple[str, ...]:
    """Those of them whom no other group tells of all these alerts."""
    elsewhere = set(names)
    for one in speaking:
        if not elsewhere:
            break
        elsewhere &= {route.receiver for route in routing(state.settings).destinations(one.row.labels)}
    return tuple(name for name in names if name not in elsewhere)


def _knows(state: Alerting, group: str, speaking: list[Seen], at: datetime) -> Alerting:
    """What the notice has said of each alert counts from now on, in place of what the last one had."""
    row, of = state.groups[group], groups.pages(state, group)
    said: dict[int, dict[str, Mark]] = {}
    for one in speaking:
        said.setdefault(one.page, {})[one.fingerprint] = "firing" if one.row.firing else "resolved"
    for number, page in [*of]:
        marks = said.get(number, {})
        of = of.rewrite(number, {f: marks.get(f, "") for f, mark in page.alerts.items() if not mark.startswith("left")})
    firing = sum(one.row.firing for one in speaking)
    climb = row.climb if firing else Climb()
    look, told = replace(row.look, special=None), row.told if firing else ()
    row = replace(row, roster=of.roster, known=Known(at, firing), climb=climb, told=told, look=look)
    return state.evolve(pages=of.rows, groups=state.groups.put(group, row))


def _without_ended(step: Step[Alerting], group: str, seen: list[Seen], at: datetime) -> Step[Alerting]:
    """Those that have ended are members no more, told or not; what the last notice said of them still counts."""
    for one in seen:
        if one.row.firing:
            continue
        of = groups.pages(step.state, group)
        mark = of.mark(one.fingerprint, one.page)
        if mark == "":
            of, left = of.drop(one.fingerprint, one.page), None
        else:
            of = of.set(one.fingerprint, one.page, "left firing" if mark == "firing" else "left resolved")
            left = Place(group, one.page, left=True)
        known = replace(step.state.groups[group], roster=of.roster)
        state = step.state.evolve(pages=of.rows, groups=step.state.groups.put(group, known))
        alert = state.alerts[one.fingerprint]
        places = [left if place.group == group else place for place in alert.places]
        row = replace(alert, places=tuple(place for place in places if place))
        step = keeping.save(Step(state, step.emit), one.fingerprint, row, at)
    return step


def _looked(state: Alerting, group: str, news: bool, silent: bool, closed: bool, at: datetime) -> Alerting:
    """When it is looked at again."""
    row = state.groups[group]
    route = schedule.route_of(state, row)
    look = replace(
        row.look,
        last_at=at,
        next_at=None,
        news=news,
        special=row.look.special if silent else None,
        silent=silent,
        closed=closed,
        noise=state.noise,
    )
    row = replace(row, look=look)
    if route is None:
        return state.evolve(groups=state.groups.put(group, row))
    due = schedule.after_look(row, route, at)
    return schedule.plan(state.awaits(f"{schedule.DEADLINE}/{group}", None), group, row, due, at)


def _ends(state: Alerting, group: str, row: GroupRow, route: Destination | None, at: datetime) -> Alerting:
    """It has no alert any more. It is forgotten, at once or, when its last notice said that some fire of which nobody
    was told that they have ended, once that would have been repeated twice (Alertmanager's log of notifications)."""
    if row.known.at is not None and row.known.firing and route is not None:
        days = timedelta(days=state.settings.resolved_retention_days)
        until = after(row.known.at, min(2 * route.repeat_interval + SWEPT, days))
        if until > at:
            kept = replace(row, look=replace(row.look, next_at=until, last_at=None, news=False, special=None))
            return state.evolve(groups=state.groups.put(group, kept)).awaits(f"{schedule.DEADLINE}/{group}", until)
    return groups.cease(state, group)
