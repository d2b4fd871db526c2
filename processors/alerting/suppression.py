"""Suppression: an alert that a firing alert explains tells nobody while it is explained.

Whether an alert is suppressed depends only on which alerts fire and which links stand, never on the
order in which they came. Alerts that explain one another in a circle explain nothing: otherwise all
of them would be silent.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from processors.alerting import keeping, links, schedule
from processors.alerting.links import Link
from processors.alerting.state import Alerting
from processors.step import Step

Neighbours = Callable[[Alerting, str], Iterator[str]]


def suppressors(state: Alerting, fingerprint: str) -> tuple[str, ...]:
    """The firing alerts that explain this one, sorted; without those that it explains itself, as it does itself."""
    direct = set(links.explaining(state, fingerprint))
    return tuple(sorted(one for one in direct if fingerprint not in _reach(state, [one], links.explaining)))


def linked(step: Step[Alerting], link: Link, at: datetime) -> Step[Alerting]:
    """A link is made: what it explains falls silent if the explanation fires."""
    return _relinked(Step(links.add(step.state, link, at), step.emit), link, at)


def unlinked(step: Step[Alerting], link: Link, at: datetime) -> Step[Alerting]:
    """A link is withdrawn: what still fires and has no other explanation is told."""
    return _relinked(Step(links.remove(step.state, link), step.emit), link, at)


def link_expired(step: Step[Alerting], entry: str, at: datetime) -> Step[Alerting]:
    """A link is old. `entry` is the deadline's name after `link/`."""
    link = Link.read(entry)
    if link is None or not links.known(step.state, link):
        return step
    if links.in_use(step.state, link):
        return Step(links.add(step.state, link, at), step.emit)
    return Step(links.remove(step.state, link), step.emit)


def reassess_explained(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    """This alert began or ended: looks again at what it explains."""
    return _reassess(step, links.explained_by(step.state, fingerprint), at)


def merged(step: Step[Alerting], fingerprint: str, into: str | None, at: datetime) -> Step[Alerting]:
    """This alert is dealt with under another one, which explains it while it fires; None: by itself again."""
    before = step.state.alerts[fingerprint].merged_into
    if into == before:
        return step
    state = links.merge(step.state, fingerprint, before, into)
    step = keeping.update(Step(state, step.emit), fingerprint, at, merged_into=into)
    return _reassess(step, [fingerprint], at)


def _relinked(step: Step[Alerting], link: Link, at: datetime) -> Step[Alerting]:
    return _reassess(step, links.firing_for(step.state, link.explained), at)


def _reassess(step: Step[Alerting], fingerprints: Iterable[str], at: datetime) -> Step[Alerting]:
    """Looks again at these alerts and at all that they explain in turn."""
    for fingerprint in _reach(step.state, fingerprints, links.explained_by):
        step = _reassess_one(step, fingerprint, at)
    return step


def _reassess_one(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    row = step.state.alerts[fingerprint]
    now = suppressors(step.state, fingerprint)
    if now == row.suppressed_by or not row.firing:
        return step
    step = keeping.update(step, fingerprint, at, suppressed_by=now)
    if now:
        return step
    state = step.state
    for group in row.groups:
        state = schedule.news(state, group, state.groups[group], at, row.starts_at, "no longer suppressed")
    return Step(state, step.emit)


def _reach(state: Alerting, start: Iterable[str], neighbours: Neighbours) -> dict[str, None]:
    """Every alert that can be reached from some, themselves included, in the order found."""
    found = dict.fromkeys(start)
    waiting = list(found)
    while waiting:
        for fingerprint in neighbours(state, waiting.pop()):
            if fingerprint not in found:
                found[fingerprint] = None
                waiting.append(fingerprint)
    return found
