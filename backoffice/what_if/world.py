"""A world: what lanes say when each hears what the others say in it.

What departments publish reaches correlation, and what correlation finds goes back to them. So a world is looked for in
rounds: lanes are folded over their inboxes as recorded; where one then says more or less than is recorded, the inboxes
it speaks to are revised, and who reads them is folded again; until every lane has heard what is said. What is said in
both keeps the place it has on the log. So a world that is as it was is found in one round, and is the record to the
millisecond, and one that hardly differs costs little more. A lane that is not concerned says what is recorded of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backoffice.what_if.episodes import Signal
from backoffice.what_if.folding import Folded, Job, read_spool
from backoffice.what_if.sayings import AS_RECORDED, Heard, Lane, Place, Revision, Unmatched, put_in, unmatched
from processors.processor import Processor
from processors.records import Record

ROUNDS = 100
"""What a lane says reaches back to it only later than it was said; so many times, nobody answers anybody."""

FoldAll = Callable[[list[Job]], Iterable[Folded]]
"""Folds lanes, in any order, one or several at a time."""

Changed = Mapping[str, Mapping[str, Any]]
"""By processor, settings that are laid over those on the log."""


class Unsettled(Exception):
    """The lanes answer one another for ever."""


@dataclass(frozen=True, slots=True)
class Line:
    """Who is folded, over what. `partitions` of each inbox; `until`, `replay` as in `Job`; `folder`: for spools."""

    processors: tuple[Processor, ...]
    partitions: Mapping[str, int]
    replay: bool
    until: int
    folder: Path

    @property
    def lanes(self) -> dict[Lane, Place]:
        """Each lane and its inbox, in the order in which records flow."""
        return {
            Lane(p.name, n): Place(p.inbox, n) for p in self.processors for n in range(self.partitions.get(p.inbox, 0))
        }


@dataclass(slots=True)
class World:
    """Each lane that is concerned as it was folded last, and the revision of its inbox that it was folded over."""

    line: Line
    concerned: set[Lane]
    name: str = "recorded"
    changed: Changed = field(default_factory=dict)
    folded: dict[Lane, Folded] = field(default_factory=dict)
    over: dict[Lane, Revision] = field(default_factory=dict)
    unmatched: dict[tuple[Lane, Lane], Unmatched] = field(default_factory=dict)
    """Between who says and who hears."""
    rounds: int = 0
    records: int = 0
    """How many were folded, those of lanes folded again counted again."""

    def signals(self) -> Iterator[Signal]:
        """What these lanes say to alerting, lane by lane."""
        for folded in self.folded.values():
            yield from folded.signals

    def under(self, changed: Changed, name: str = "changed") -> "World":
        """Another world that begins as this one, but for the lanes whose settings are changed."""
        kept = {lane: folded for lane, folded in self.folded.items() if lane.processor not in changed}
        return World(self.line, {*self.concerned}, name, changed, kept, dict(self.over), dict(self.unmatched))

    def widen(self, lanes: set[Lane], beginning: "World | None" = None) -> "World":
        """These lanes are concerned, too. `beginning`: a world in which they were folded, and begin as they are."""
        self.concerned |= lanes
        if beginning is not None:
            self.folded |= {lane: beginning.folded[lane] for lane in lanes}
            self.over |= {lane: beginning.over[lane] for lane in lanes}
            self._match(lanes)
        return self

    def told_otherwise(self, other: "World") -> set[Lane]:
        """The lanes not concerned that would hear something else in the other world."""
        return {
            hearer
            for hearer, place in self.line.lanes.items()
            if hearer not in self.concerned
            for sayer in self.concerned
            if sorted(self.folded[sayer].said.get(place, ())) != sorted(other.folded[sayer].said.get(place, ()))
        }

    def settle(self, fold: FoldAll) -> "World":
        """Folds until every lane has heard what is said. Raises Unsettled, and what `fold` raises."""
        revisions = self._revisions() if self.folded.keys() >= self.concerned else dict(self.over)
        while due := self._due(revisions):
            self.rounds += 1
            if self.rounds > ROUNDS:
                lanes = ", ".join(sorted({lane.processor for lane in due}))
                raise Unsettled(f"After {ROUNDS} rounds, {lanes} still answer one another: the rules go in a circle.")
            jobs = [self._job(lane, revisions.get(lane, AS_RECORDED)) for lane in due]
            for folded in fold(jobs):
                self.folded[folded.lane] = folded
                self.records += folded.records
                self.over[folded.lane] = revisions.get(folded.lane, AS_RECORDED)
            self._match(set(due))
            revisions = self._revisions()
        return self

    @property
    def _lanes(self) -> dict[Lane, Place]:
        return {lane: place for lane, place in self.line.lanes.items() if lane in self.concerned}

    def _due(self, revisions: Mapping[Lane, Revision]) -> list[Lane]:
        """Lanes to be folded next: those that never were; else departments, before who hears of them."""
        lanes = self._lanes
        if never := [lane for lane in lanes if lane not in self.folded]:
            return never
        due = [lane for lane in lanes if self.over[lane] != revisions[lane]]
        return [lane for lane in due if lanes[lane].topic.startswith("events.")] or due

    def _job(self, lane: Lane, revision: Revision) -> Job:
        line = self.line
        spool = line.folder / f"{self.name}-{self.rounds}-{lane.processor}-{lane.partition}"
        return Job(lane, line.partitions, line.replay, line.until, self.changed.get(lane.processor), revision, spool)

    def _match(self, folded: set[Lane]) -> None:
        """What is said against what is recorded, between lanes of which one was just folded."""
        for sayer in self._lanes:
            for hearer, place in self._lanes.items():
                if sayer in folded or hearer in folded:
                    said = self.folded[sayer].said.get(place, ())
                    self.unmatched[sayer, hearer] = unmatched(said, self._heard(sayer, hearer))

    def _heard(self, sayer: Lane, hearer: Lane) -> list[Heard]:
        """What is recorded of a lane, of the time that was folded. What it said before or after stays as it is."""
        covers = self.folded[sayer].covers
        return [heard for heard in self.folded[hearer].heard.get(sayer, ()) if covers(heard.cause)]

    def _revisions(self) -> dict[Lane, Revision]:
        lanes = self._lanes
        dropped: dict[Lane, set[int]] = {}
        added: dict[Place, list[Record]] = {}
        for sayer in lanes:
            missing = {}
            for hearer, place in lanes.items():
                found = self.unmatched[sayer, hearer]
                dropped.setdefault(hearer, set()).update(found.dropped)
                if found.missing:
                    missing[place] = found.missing
            spool = self.folded[sayer].spool
            for record in put_in(read_spool(spool) if missing and spool else (), missing):
                added.setdefault(Place(record.topic, record.partition), []).append(record)
        return {
            lane: Revision(
                frozenset(dropped.get(lane, ())), tuple(sorted(added.get(place, ()), key=lambda r: r.timestamp))
            )
            for lane, place in lanes.items()
        }


def against_the_record(line: Line, changed: Changed, fold: FoldAll) -> World:
    """The world that the rules installed here make of the log under changed settings, every lane of it folded once.

    What it is held against needs no folding: it stands on the log.
    """
    return World(line, {*line.lanes}, "changed", changed).settle(fold)


def against_each_other(line: Line, changed: Changed, fold: FoldAll) -> tuple[World, World]:
    """The worlds that the rules installed here make of the log under its settings and under changed ones.

    Only of the lanes whose settings changed, those that hear of it, and so on: the others would say the same in both,
    and so need not be folded to know what differs.
    """
    before = World(line, {lane for lane in line.lanes if lane.processor in changed}).settle(fold)
    after = before.under(changed).settle(fold)
    while told := after.told_otherwise(before):
        before.widen(told).settle(fold)
        after.widen(told, before).settle(fold)
    return before, after
