"""What if: worlds folded from what is recorded of an office, held against offices that really lived so."""

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from backoffice.registry import processors
from backoffice.what_if.difference import Episodes, Window, compare
from backoffice.what_if.episodes import episodes, signal_in
from backoffice.what_if.folding import Folded, Job, fold_again, woven
from backoffice.what_if.sayings import Heard, Lane, Place, Revision, digest, unmatched
from backoffice.what_if.settings import DoNotFit, checked, laid_over, retold
from backoffice.what_if.world import Line, Unsettled, World, against_each_other, against_the_record
from processors.departments.accounting import department as accounting
from processors.departments.accounting.settings import AccountingSettings
from processors.engine.outbox import partition_of
from processors.fold import Fold
from processors.records import Record
from processors.slices import in_order
from processors.store import to_ms
from producers.simulator import LIVES, SimulatedOffice, simulate
from schemas.accounting import VendorCreated
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.manufacturing import OrderPlaced
from schemas.processing import SettingsChanged, Tick
from tests.office import Office

ALWAYS = Window(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PARTITIONS = 2
RULES = tuple(p for p in processors() if p.name != "alerting")
BY_NAME = {p.name: p for p in RULES}


class Recorded(Office):
    """An office of which is kept, for each partition of an inbox, what was applied there, in its order."""

    def __init__(self, settings: Mapping[str, dict[str, Any]]) -> None:
        self.inboxes: dict[Place, list[Record]] = {}
        super().__init__(partitions=PARTITIONS, settings=settings)

    @staticmethod
    def _partitioner(n: int) -> Any:
        return lambda key: partition_of(key, n)

    def _apply(self, fold: Fold, records: list[Record]) -> None:
        super()._apply(fold, records)
        self.inboxes.setdefault(Place(fold.processor.inbox, fold.partition), []).extend(in_order(records))

    def episodes(self) -> Episodes:
        """What rules said to alerting in it."""
        said = (signal_in(output.value) for output in self.records["alerting"])
        return episodes(signal for signal in said if signal is not None)


@cache
def lived(settings: str = "{}") -> Recorded:
    """A day of the simulated office, somebody who orders from a vendor of their own making, and the weeks after it.

    `settings`: by processor, as JSON.
    """
    simulation = simulate(SimulatedOffice(days=1), LIVES.values())
    office = Recorded(json.loads(settings))
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id)
    evening = simulation.office.end
    office.at(evening).receives(("vendor/V-shared", VendorCreated(created_by="olaf")))
    ordered = OrderPlaced(order="WO-shared", vendor="V-shared", placed_by="olaf")
    office.at(evening + timedelta(hours=1)).receives(("project/P-shared", ordered))
    office.at(evening + timedelta(days=40))
    assert office.dead_letters == []
    return office


class Folding:
    """Folds the lanes of an office, and remembers which."""

    def __init__(self, office: Recorded) -> None:
        self.office = office
        self.folded: list[Lane] = []

    def __call__(self, jobs: list[Job]) -> Iterator[Folded]:
        for job in jobs:
            self.folded.append(job.lane)
            processor = BY_NAME[job.lane.processor]
            records = self.office.inboxes.get(Place(processor.inbox, job.lane.partition), [])
            yield fold_again(job, processor, records)


def line_of(office: Recorded, folder: Path) -> Line:
    counts = {p.inbox: PARTITIONS for p in RULES}
    return Line(RULES, counts, replay=False, until=to_ms(office.now) + 1, folder=folder)


def recorded(office: Recorded, folder: Path) -> tuple[World, Folding]:
    """The world as it is recorded."""
    fold = Folding(office)
    return against_the_record(line_of(office, folder), {}, fold), fold


def test_a_day_that_is_recorded_is_folded_once_and_is_as_it_was(tmp_path: Path) -> None:
    office = lived()
    world, fold = recorded(office, tmp_path)
    assert (world.rounds, len(fold.folded)) == (1, PARTITIONS * len(RULES))
    told = office.episodes()
    assert sum(map(len, told.values())) > 10
    assert not compare(told, episodes(world.signals()), ALWAYS)


CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "a threshold": {"accounting": {"payment_block_days": 0}},
    "by label": {"accounting": {"overrides": [{"matchers": ['vendor=~"V-.*"'], "set": {"payment_block_days": 0}}]}},
    "a calendar": {"front_office": {"calendar": {"opens": "12:00", "closes": "13:00"}}},
    "what is published": {"accounting": {"system_users": ["olaf"]}},
    "correlation": {"correlation": {"calendar": {"time_zone": "Asia/Tokyo"}}},
    "several": {"finance": {"structuring_hours": 1}, "hr": {"document_due_business_days": 1}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_world_is_as_if_the_day_had_been_lived_so(change: str, tmp_path: Path) -> None:
    changed = CHANGES[change]
    line, fold = line_of(lived(), tmp_path), Folding(lived())
    before, after = against_each_other(line, changed, fold)
    found = compare(episodes(before.signals()), episodes(after.signals()), ALWAYS)
    wanted = compare(lived().episodes(), lived(json.dumps(changed)).episodes(), ALWAYS)
    assert wanted, "the change changes something"
    assert (found.added, found.removed, found.moved) == (wanted.added, wanted.removed, wanted.moved)
    after = against_the_record(line, changed, fold)
    assert not compare(lived(json.dumps(changed)).episodes(), episodes(after.signals()), ALWAYS)


def test_only_who_is_concerned_is_folded(tmp_path: Path) -> None:
    fold = Folding(lived())
    against_each_other(line_of(lived(), tmp_path), {"hr": {"document_due_business_days": 1}}, fold)
    assert Counter(lane.processor for lane in fold.folded) == {"hr": 2 * PARTITIONS}


def test_settings_that_are_as_they_were_make_no_other_world(tmp_path: Path) -> None:
    world, _ = recorded(lived(), tmp_path)
    same = {p.name: p.settings().model_dump(mode="json") for p in RULES}
    assert not compare(
        episodes(world.signals()), episodes(world.under(same).settle(Folding(lived())).signals()), ALWAYS
    )


def without_facts_of(office: Recorded, subject: str) -> Recorded:
    """The same log, on which nothing stands that departments told correlation of a subject."""
    other = Recorded({})
    other.now = office.now
    other.inboxes = {
        place: [r for r in records if place.topic != "facts" or r.key != subject.encode()]
        for place, records in office.inboxes.items()
    }
    return other


def test_what_is_said_and_not_recorded_is_heard_all_the_same(tmp_path: Path) -> None:
    office = lived()
    explained = next(r.key for place, rs in office.inboxes.items() if place.topic == "facts" for r in rs if r.key)
    world, _ = recorded(without_facts_of(office, explained.decode()), tmp_path)
    assert world.rounds > 1
    assert any(revision.added for revision in world.over.values())
    assert not compare(office.episodes(), episodes(world.signals()), ALWAYS)


def test_what_is_recorded_and_not_said_is_not_heard(tmp_path: Path) -> None:
    """Somebody wrote a fact in the name of a lane that says no such thing."""
    office = lived()
    place, fact = next(
        (place, r) for place, rs in office.inboxes.items() if place.topic == "facts" for r in rs if r.key is not None
    )
    forged = fact._replace(offset=10**6, value=(fact.value or b"").replace(b', "data": {', b', "data": {"forged":1,'))
    other = Recorded({})
    other.now = office.now
    other.inboxes = {**office.inboxes, place: [*office.inboxes[place], forged]}
    world, _ = recorded(other, tmp_path)
    assert world.over[Lane("correlation", place.partition)] == Revision(frozenset({10**6}))
    assert not compare(office.episodes(), episodes(world.signals()), ALWAYS)


def test_lanes_that_answer_one_another_for_ever_are_named(tmp_path: Path) -> None:
    """No rules do; a fold that says something else each time stands for them."""
    line = Line((accounting,), {accounting.inbox: 1}, False, to_ms(NOON), tmp_path)
    place, turns = Place(accounting.inbox, 0), iter(range(10**6))

    def fold(jobs: list[Job]) -> Iterable[Folded]:
        for job in jobs:
            yield Folded(job.lane, 0, 100, heard={job.lane: [Heard(7, next(turns) % 2, 1)]}, said={place: array("Q")})

    with pytest.raises(Unsettled, match="accounting still answer one another"):
        World(line, {*line.lanes}).settle(fold)


# What lies in an inbox.


def event(offset: int, minute: int, event: Event | None = None, subject: str = "vendor/acme") -> Record:
    at = NOON + timedelta(minutes=minute)
    value = b"{}" if event is None else encode(event, About(f"0-{offset}-1", "/tests", subject, at))
    return Record("facts", 0, offset, to_ms(at), subject.encode(), value, HEADERS)


def tick(offset: int, minute: int) -> Record:
    return event(offset, minute, Tick(partition=0), "partition/0")


def minutes(records: Iterable[Record]) -> list[tuple[int, int]]:
    return [(r.offset, (r.timestamp - to_ms(NOON)) // 60_000) for r in records]


def test_what_is_put_into_a_live_inbox_stands_behind_everything_of_its_time() -> None:
    log = [event(0, 1), event(1, 3), event(2, 3), event(3, 5)]
    revision = Revision(frozenset({1}), (event(90, 0), event(91, 3), event(92, 4), event(93, 9)))
    assert minutes(woven(log, revision, replay=False)) == [
        (90, 0),
        (0, 1),
        (2, 3),
        (91, 3),
        (92, 4),
        (3, 5),
        (93, 9),
    ]


def test_what_is_put_into_a_replayed_inbox_stands_in_its_slice() -> None:
    log = [event(0, 4), event(1, 1), tick(2, 5), event(3, 6), tick(4, 10)]
    revision = Revision(added=(event(90, 2), event(91, 5), event(92, 12)))
    assert [offset for offset, _ in minutes(woven(log, revision, replay=True))] == [0, 1, 90, 2, 3, 91, 4, 92]


def job(until: int, *, replay: bool) -> Job:
    return Job(Lane("correlation", 0), {"facts": 1}, replay, to_ms(NOON + timedelta(minutes=until)))


@pytest.mark.parametrize(
    ("replay", "until", "end"),
    [
        (False, 5, 2),
        (False, 6, 3),
        (False, 99, 5),
        (True, 1, 3),
        (True, 5, 3),
        (True, 6, 5),
        (True, 99, 5),
    ],
)
def test_nothing_is_folded_that_came_later(replay: bool, until: int, end: int) -> None:
    """A slice is folded whole; one that no tick has closed yet is not."""
    log = [event(0, 1), event(1, 4), tick(2, 5), event(3, 7), tick(4, 10), *([event(5, 11)] if replay else [])]
    folded = fold_again(job(until, replay=replay), BY_NAME["correlation"], log)
    assert (folded.begin, folded.end) == (0, end)


def test_a_saying_is_the_same_whatever_its_number_and_its_cause() -> None:
    told = SettingsChanged(processor="hr", settings={"a": 1})
    one = encode(told, About("0-1-1", "/backoffice/processors/hr", "vendor/acme", NOON, None, "e1", "c", "t"))
    same = encode(told, About("0-7-9", "/backoffice/processors/hr", "vendor/acme", NOON))
    later = encode(told, About("0-1-1", "/backoffice/processors/hr", "vendor/acme", NOON + timedelta(seconds=1)))
    other = encode(told.model_copy(update={"settings": {"a": 2}}), About("0-1-1", "/", "vendor/acme", NOON))
    assert digest(b"k", one) == digest(b"k", same)
    assert len({digest(b"k", one), digest(b"k", later), digest(b"k", other), digest(b"l", one), digest(None, one)}) == 5


def test_sayings_are_matched_one_by_one() -> None:
    heard = [Heard(1, 10, 0), Heard(2, 11, 0), Heard(1, 12, 0), Heard(3, 13, 0)]
    assert unmatched([1, 3, 3, 4], heard) == ((11, 12), ((3, 1), (4, 1)))
    assert unmatched([3, 1, 1, 2], heard) == ((), ())


# Settings.


def test_changed_settings_are_laid_over_field_by_field_and_so_within_a_group() -> None:
    told = {"match_orders": False, "calendar": {"opens": "08:00", "country": "DE", "region": "BY"}}
    changed = {"split_count": 2, "calendar": {"closes": "18:00"}}
    assert laid_over(AccountingSettings, told, changed) == {
        "match_orders": False,
        "split_count": 2,
        "calendar": {"opens": "08:00", "country": "DE", "region": "BY", "closes": "18:00"},
    }
    assert laid_over(AccountingSettings, told, {"calendar": {"country": "FR"}})["calendar"] == {
        "opens": "08:00",
        "country": "FR",
    }


def test_settings_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(DoNotFit, match=r"accounting do not go with those on the log: .*cannot close"):
        checked(accounting, {"calendar": {"opens": "08:00"}}, {"calendar": {"closes": "07:00"}})


def settings_record(settings: Any, processor: str = "accounting") -> Record:
    told = SettingsChanged(processor=processor, settings=settings)
    return event(0, 0, told, "partition/0")._replace(key=None)


def test_only_the_processors_own_settings_are_told_otherwise() -> None:
    changed = {"split_count": 2}
    retelling = json.loads(retold(settings_record({"match_orders": False}), accounting, changed).value or b"")
    assert retelling["data"]["settings"] == {"match_orders": False, "split_count": 2}
    for record in (settings_record({}, "hr"), settings_record({"nonsense": 1}), event(1, 1), tick(2, 2)):
        assert retold(record, accounting, changed) == record
