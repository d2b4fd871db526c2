"""Groups: what one route tells together. Which an alert belongs to, and how it enters and leaves them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from processors.alerting.dedup import Known
from processors.alerting.roster import Mark, Pages
from processors.alerting.route import Destination, routing
from processors.alerting.schedule import DEADLINE
from processors.alerting.state import Alerting, AlertRow, GroupRow, Look, Place


def entered(state: Alerting, fingerprint: str, row: AlertRow, at: datetime) -> tuple[Alerting, AlertRow]:
    """The alert in every group that its labels lead to, and in no other. To be saved: only then its groups count it."""
    places = {place.group: place for place in row.places}
    found: dict[str, Place] = {}
    new: list[str] = []
    for route in routing(state.settings).destinations(row.labels):
        group = identity(route, row.labels, fingerprint)
        place = places.get(group)
        if group in found or (place is not None and not place.left):
            found.setdefault(group, place or found[group])
            continue
        new.append(group)
        state, found[group] = _enter(state, group, route, fingerprint, row.labels, place)
    for group, place in places.items():
        if group not in found and not place.left:
            state = _leave(state, fingerprint, place, new, found, at)
    now = tuple(found.values())
    return state, row if now == row.places else replace(row, places=now)


def identity(route: Destination, labels: Mapping[str, str], fingerprint: str) -> str:
    """The identity of the group of this route that an alert belongs to: 16 hex digits.

    Where each alert is a group of its own, it is the alert's identity that counts: ours keep it while labels change.
    """
    by = fingerprint if route.by_alert else json.dumps(_group_labels(route, labels), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{route.key}\0{route.receiver}\0{by}".encode()).hexdigest()[:16]


def key(row: GroupRow) -> str:
    """Alertmanager's group key."""
    said = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(row.labels.items()))
    return f"{row.route}:{{{said}}}"


def pages(state: Alerting, group: str) -> Pages:
    """The pages of a group."""
    return Pages(group, state.pages, state.groups[group].roster)


def cease(state: Alerting, group: str) -> Alerting:
    """Without this group and all that was known of it."""
    return state.evolve(pages=pages(state, group).clear(), groups=state.groups.drop(group)).awaits(
        f"{DEADLINE}/{group}", None
    )


def _group_labels(route: Destination, labels: Mapping[str, str]) -> dict[str, str]:
    if route.by_alert:
        return dict(labels)
    return {name: labels[name] for name in route.group_by if name in labels}


def _enter(
    state: Alerting,
    group: str,
    route: Destination,
    fingerprint: str,
    labels: Mapping[str, str],
    place: Place | None,
) -> tuple[Alerting, Place]:
    """The alert on a page of this group, which may be new. `place`: where it stood before it left."""
    row = state.groups.get(group)
    if row is None:
        row = GroupRow(
            route=route.key, receiver=route.receiver, labels=_group_labels(route, labels), policy=route.escalation
        )
    elif not row.count.members:
        row = replace(row, look=Look())  # it begins again, but its receiver knows what they know
        state = state.awaits(f"{DEADLINE}/{group}", None)
    of = Pages(group, state.pages, row.roster)
    left: Mark | None = of.mark(fingerprint, place.page) if place else None
    if place and left is not None:
        of = of.set(fingerprint, place.page, "firing" if left == "left firing" else "resolved")
        place = replace(place, left=False)
    else:
        of, page = of.add(fingerprint)
        place = Place(group, page)
    row = (
        row
        if row.roster is of.roster and row.policy == route.escalation
        else replace(row, roster=of.roster, policy=route.escalation)
    )
    return state.evolve(pages=of.rows, groups=state.groups.put(group, row)), place


def _leave(
    state: Alerting, fingerprint: str, place: Place, new: list[str], found: dict[str, Place], at: datetime
) -> Alerting:
    """Without it in a group that its labels lead to no more. That forgets it without a word, as the alert goes on
    elsewhere; what its receiver knew they still know, where another group of theirs tells of it now."""
    row, of = state.groups[place.group], pages(state, place.group)
    told = of.mark(fingerprint, place.page) == "firing"
    of = of.drop(fingerprint, place.page)
    known = replace(row.known, firing=row.known.firing - 1) if told else row.known
    left = replace(row, roster=of.roster, known=known)
    state = state.evolve(pages=of.rows, groups=state.groups.put(place.group, left))
    for group in new:
        there = state.groups[group]
        if told and there.receiver == row.receiver and pages(state, group).mark(fingerprint, found[group].page) == "":
            others = tuple(dict.fromkeys((*there.told, *row.told)))
            there = replace(there, told=others, known=Known(there.known.at or at, there.known.firing + 1))
            kept = pages(state, group).set(fingerprint, found[group].page, "firing")
            state = state.evolve(pages=kept.rows, groups=state.groups.put(group, there))
    return state
