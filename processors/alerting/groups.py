"""Groups: what one route tells together. Which an alert belongs to, and how it enters and leaves them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from processors.alerting.dedup import Known
from processors.alerting.roster import Mark, Pages
from processors.alerting.route import Destination, routing
from processors.alerting.schedule import DEADLINE
from processors.alerting.state import Alerting, AlertRow, GroupRow, Look, Place


def entered(state: Alerting, fingerprint: str, row: AlertRow, at: datetime) -> tuple[Alerting, AlertRow]:
    """The alert in every group that its labels lead to, and in no other. To be saved: only then its groups count it."""
    state, places = placed(state, fingerprint, row.labels, row.places, at)
    return state, row if places == row.places else replace(row, places=places)


def placed(
    state: Alerting, fingerprint: str, labels: Mapping[str, str], before: tuple[Place, ...], at: datetime
) -> tuple[Alerting, tuple[Place, ...]]:
    """The groups that an alert's labels lead to, with it on a page of each. `before`: where it stood until now."""
    places = {place.group: place for place in before}
    found: dict[str, Place] = {}
    new: list[str] = []
    for route in routing(state.settings).destinations(labels):
        group = identity(route, labels, fingerprint)
        if group in found:
            continue
        place = places.get(group)
        if place is None or place.left:
            new.append(group)
            state, place = _enter(state, group, route, fingerprint, labels, place)
        found[group] = place
    for group, place in places.items():
        if group not in found and not place.left:
            state = _leave(state, fingerprint, place, new, found, at)
    return state, tuple(found.values())


def identity(route: Destination, labels: Mapping[str, str], fingerprint: str) -> str:
    """The identity of the group of this route that an alert belongs to: 16 hex digits.

    Where each alert is a group of its own, it is the alert's identity that counts: ours keep it while labels change.
    """
    by = fingerprint if route.by_alert else tuple(_group_labels(route, labels).items())
    return _hashed(route.key, route.receiver, by)


@lru_cache(maxsize=4_096)
def _hashed(route: str, receiver: str, by: str | tuple[tuple[str, str], ...]) -> str:
    said = by if isinstance(by, str) else json.dumps(dict(by), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{route}\0{receiver}\0{said}".encode()).hexdigest()[:16]


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
        state = state.evolve(groups=state.groups.put(group, row)).awaits(f"{DEADLINE}/{group}", None)
    of = Pages(group, state.pages, row.roster)
    left: Mark | None = of.mark(fingerprint, place.page) if place else None
    if place and left is not None:
        of = of.set(fingerprint, place.page, "firing" if left == "left firing" else "resolved")
        place = replace(place, left=False)
    else:
        of, page = of.add(fingerprint)
        place = Place(group, page)
    if of.roster is row.roster and route.escalation == row.policy and group in state.groups:
        return state.evolve(pages=of.rows), place
    row = replace(row, roster=of.roster, policy=route.escalation)
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
