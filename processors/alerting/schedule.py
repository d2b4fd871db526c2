"""When a group is looked at: after its first wait, then on the grid of its interval (Alertmanager's `aggrGroup.run`).

Alertmanager looks at every group at every interval. Here only the looks are taken at which something may have changed:
the others would say nothing. A look that is due at once is taken before the step ends.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from processors.alerting.route import Destination, routing
from processors.alerting.state import Alerting, GroupRow, Look
from processors.instants import after
from schemas.notices import NoticeReason

DEADLINE = "group"

PATIENCE = timedelta(minutes=1)
"""How often a group whose route has no interval is looked at while something in it is held back."""

_MOMENT = timedelta(milliseconds=1)


def news(
    state: Alerting,
    group: str,
    row: GroupRow,
    at: datetime,
    starts_at: datetime | None = None,
    special: NoticeReason | None = None,
) -> Alerting:
    """Something in this group has changed: it is looked at as soon as its route lets it be.

    `starts_at`: of the alert that has. A new group with one that has waited long enough waits no longer.
    """
    look = row.look
    if not look.news or special:
        row = replace(row, look=replace(look, news=True, special=special or look.special))
    elif look.next_at is not None and look.last_at is not None and look.next_at > at:
        return state.evolve(groups=state.groups.put(group, row))  # the next on the grid
    return plan(state, group, row, _next_look(state, row, at, starts_at), at)


def ends(look: Look, until: datetime) -> Look:
    """One of the posted alerts ends then, unless it is posted again."""
    return look if look.ends_from is not None and look.ends_from <= until else replace(look, ends_from=until)


def plan(state: Alerting, group: str, row: GroupRow, due: datetime | None, at: datetime) -> Alerting:
    """It is looked at then, if not before; None: when there is news."""
    planned = row.look.next_at
    now = due is not None and due <= at and group not in state.pending and _at_once(state, row)
    if due is None or (planned is not None and planned <= due and not now):
        return state.evolve(groups=state.groups.put(group, row))
    groups = state.groups.put(group, replace(row, look=replace(row.look, next_at=due)))
    if not now:
        return state.evolve(groups=groups).awaits(f"{DEADLINE}/{group}", due)
    return state.evolve(groups=groups, pending=(*state.pending, group)).awaits(f"{DEADLINE}/{group}", None)


def on_grid(last_at: datetime, interval: timedelta, since: datetime) -> datetime:
    """The first look at or after `since`, when the last was at `last_at`."""
    if not interval:
        return since
    return after(last_at, max(1, -((last_at - since) // interval)) * interval)


def after_look(row: GroupRow, route: Destination, at: datetime) -> datetime | None:
    """The next look that may find something, once the group was looked at; None: there must be news first."""
    wanted = []
    if row.look.silent or row.look.closed:
        wanted.append(at)
    if row.look.ends_from is not None and row.count.firing:
        wanted.append(row.look.ends_from)
    if row.known.firing and row.count.wanting and row.known.at is not None:
        wanted.append(after(after(row.known.at, route.repeat_interval), _MOMENT))
    return min((_later(at, route, since) for since in wanted), default=None)


def _later(at: datetime, route: Destination, since: datetime) -> datetime:
    """The first look from then on that is not this one."""
    if route.at_once and since <= at:
        return after(at, PATIENCE)
    return on_grid(at, route.group_interval, max(since, at))


def route_of(state: Alerting, row: GroupRow) -> Destination | None:
    """The group's route; None: there is none like it any more."""
    return routing(state.settings).find(row.route, row.receiver)


def _next_look(state: Alerting, row: GroupRow, at: datetime, starts_at: datetime | None) -> datetime:
    route = route_of(state, row)
    if route is None:
        return at
    if row.look.last_at is None:
        waited = starts_at is not None and after(starts_at, route.group_wait) < at
        return at if waited else after(at, route.group_wait)
    return on_grid(row.look.last_at, route.group_interval, at)


def _at_once(state: Alerting, row: GroupRow) -> bool:
    """A look on the grid that is due this instant waits until all of the instant has come."""
    if row.look.last_at is None:
        return True
    route = route_of(state, row)
    return route is None or route.at_once
