"""Two worlds compared: the alerts that one has and the other has not, and those that came at another time. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from backoffice.what_if.episodes import Episode, Identity

SAME = timedelta(seconds=1)
"""Times that are no further apart count as the same: a live log stamps what follows some milliseconds later."""

Episodes = Mapping[Identity, Sequence[Episode]]
"""Of each alert, oldest first."""


class Window(NamedTuple):
    """The time that is looked at; `end` is not part of it."""

    begin: datetime
    end: datetime

    def __contains__(self, instant: object) -> bool:
        return isinstance(instant, datetime) and self.begin <= instant < self.end

    def touches(self, episode: Episode) -> bool:
        """Whether it began or ended in it."""
        return episode.starts in self or episode.ends in self

    def shows(self, episode: Episode) -> datetime:
        """When, within the window, something happened that makes it count."""
        return episode.starts if episode.starts in self or episode.ends is None else episode.ends


class Moved(NamedTuple):
    """The same alert in both worlds, at another time or as bad as it was not."""

    before: Episode
    after: Episode

    @property
    def what(self) -> tuple[str, ...]:
        """What is another: `starts`, `ends`, `severity`."""
        before, after = self
        found = {
            "starts": not _same(before.starts, after.starts),
            "ends": not _same(before.ends, after.ends),
            "severity": before.severity != after.severity,
        }
        return tuple(name for name, differs in found.items() if differs)

    def at(self, window: Window) -> datetime | None:
        """When, within the window, something of it became another, by the second world if possible; None: outside."""
        before, after = self
        where = {
            "starts": (after.starts, before.starts),
            "ends": (after.ends, before.ends),
            "severity": (after.starts, after.ends, before.starts, before.ends),
        }
        return next((at for name in self.what for at in where[name] if at is not None and at in window), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second world has more, less and otherwise. `before` and `after` count alerts of each rule."""

    window: Window
    added: list[Episode] = field(default_factory=list)
    removed: list[Episode] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved)

    @property
    def rules(self) -> list[str]:
        """Those that fired in either world."""
        return sorted(self.before.keys() | self.after.keys())


def compare(before: Episodes, after: Episodes, window: Window) -> Difference:
    """What began or ended in the window, alert by alert. An alert that moved out of the window has moved, not gone."""
    found = Difference(window)
    for identity in sorted(before.keys() | after.keys()):
        ours, theirs = before.get(identity, ()), after.get(identity, ())
        found.before[identity.rule] += sum(map(window.touches, ours))
        found.after[identity.rule] += sum(map(window.touches, theirs))
        for one, other in paired(ours, theirs):
            if one is None:
                found.added.extend(e for e in (other,) if e is not None and window.touches(e))
            elif other is None:
                found.removed.extend(e for e in (one,) if window.touches(e))
            elif (moved := Moved(one, other)).at(window):
                found.moved.append(moved)
    for counts in (found.before, found.after):
        for rule in [rule for rule, count in counts.items() if not count]:
            del counts[rule]
    for listed in (found.added, found.removed):
        listed.sort(key=lambda episode: (window.shows(episode), episode.identity))
    found.moved.sort(key=lambda moved: (moved.before.starts, moved.before.identity))
    return found


def paired(ours: Sequence[Episode], theirs: Sequence[Episode]) -> Iterator[tuple[Episode | None, Episode | None]]:
    """Each episode of one alert with its counterpart. Those that began at the same time belong together; what lies
    between two such pairs is paired in its order, and what is left over has none."""
    a = b = i = j = 0
    while i < len(ours) and j < len(theirs):
        if _same(ours[i].starts, theirs[j].starts):
            yield from _in_turn(ours[a:i], theirs[b:j])
            yield ours[i], theirs[j]
            i, j = i + 1, j + 1
            a, b = i, j
        elif ours[i].starts < theirs[j].starts:
            i += 1
        else:
            j += 1
    yield from _in_turn(ours[a:], theirs[b:])


def _in_turn(ours: Sequence[Episode], theirs: Sequence[Episode]) -> Iterator[tuple[Episode | None, Episode | None]]:
    for n in range(max(len(ours), len(theirs))):
        yield ours[n] if n < len(ours) else None, theirs[n] if n < len(theirs) else None


def _same(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME
