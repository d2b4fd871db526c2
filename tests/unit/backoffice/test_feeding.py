"""Feeding a replay space: time in slices, and waiting for the processors to have passed each."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.errors import CoordinatorNotAvailableError

from producers import drain as drain_module
from producers.drain import Drain, NotDrained
from producers.feeder import Feeder, Line
from producers.slices import Fed, Slice, slices
from producers.standing import Standing
from schemas.envelope import About
from schemas.topics import Space
from tests.unit.core.library import OPENING, DoorOpened, minutes

HOUR = timedelta(hours=1)


def feed(*after: float) -> Iterator[tuple[Fed, Mapping[str, Any]]]:
    """Somebody comes in, at each of these minutes after opening."""
    for n, at in enumerate(after):
        yield Fed(DoorOpened(), About(str(n), "/tests", "room/1", minutes(at))), {"rows": n + 1}


def cut(*after: float, until: float | None = None) -> list[tuple[float, list[str], Any]]:
    """Each slice: its end in minutes after opening, the ids in it, and the row it stands for."""
    end = None if until is None else minutes(until)
    return [
        (
            (part.until - OPENING) / timedelta(minutes=1),
            [fed.about.id for fed in part.fed],
            part.progress.get("rows"),
        )
        for part in slices(feed(*after), HOUR, end)
    ]


def test_events_of_one_hour_are_one_slice_that_stands_for_the_last_of_them() -> None:
    assert cut(0, 10, 59.9) == [(60, ["0", "1", "2"], 3)]


def test_an_event_at_a_slices_end_belongs_to_the_next() -> None:
    assert cut(0, 60) == [(60, ["0"], 1), (120, ["1"], 2)]


def test_hours_in_which_nothing_happens_are_passed_over() -> None:
    assert cut(0, 600) == [(60, ["0"], 1), (660, ["1"], 2)]


def test_slices_end_where_equal_lengths_since_the_epoch_do_wherever_a_feed_begins() -> None:
    assert cut(17)[0][0] == cut(45)[0][0] == 60
    (week,) = slices(feed(0), timedelta(days=7))
    assert week.until == datetime(2026, 1, 8, tzinfo=UTC), "1970 began on a Thursday"


def test_a_late_event_belongs_to_the_open_slice() -> None:
    assert cut(70, 10, 80) == [(120, ["0", "1", "2"], 3)]


def test_time_can_go_on_after_the_last_event() -> None:
    assert cut(0, until=600) == [(60, ["0"], 1), (600, [], 1)]
    assert cut(0, until=60) == [(60, ["0"], 1)]
    assert cut(0, until=30) == [(60, ["0"], 1)]
    assert cut(until=600) == [(600, [], None)]
    assert cut() == []


@given(st.lists(st.integers(-10_000, 10_000), max_size=30), st.sampled_from([7, 60, 1440]))
def test_every_event_is_fed_once_in_order_and_time_only_goes_forward(after: list[int], length: int) -> None:
    parts = list(slices(feed(*after), timedelta(minutes=length)))
    assert [fed.about.id for part in parts for fed in part.fed] == [str(n) for n in range(len(after))]
    ends = [part.until for part in parts]
    assert ends == sorted(set(ends))
    for part in parts:
        assert part.fed
        assert part.progress["rows"] == int(part.fed[-1].about.id) + 1
        assert all(fed.about.time < part.until for fed in part.fed)
        assert (part.until - datetime(1970, 1, 1, tzinfo=UTC)) % timedelta(minutes=length) == timedelta()


# The feeder


def test_a_live_space_cannot_be_fed() -> None:
    with pytest.raises(ValueError, match="space backoffice is live: its time cannot be fed"):
        Feeder("broker:9092", None, Space(), Line(("events.library",)), "feed")


class Fedder(Feeder):
    """A feeder that writes down what it would write; `flows` says how often the line puts something behind it."""

    def __init__(
        self, flows: list[bool], closed: dict[str, Any] | None = None, left_open: datetime | None = None
    ) -> None:
        self._line = Line(("events.library", "events.archive"))
        self._standing = Standing()
        self._closed = closed
        self._left_open = left_open.isoformat() if left_open else None
        self.flows, self.wrote = flows, list[Any]()

    def _write(self, inboxes: Any, fed: Any, until: datetime, note: Any = None) -> None:
        self.wrote.append((tuple(inboxes), [each.about.id for each in fed], note))

    def _flowed_into(self, inboxes: Any) -> bool:
        return self.flows.pop(0) if self.flows else False


def test_a_slice_goes_through_the_whole_line_in_order() -> None:
    feeder = Fedder([])
    feeder.feed(Slice(minutes(60), [fed for fed, _ in feed(0, 1)], {"rows": 2}))
    assert feeder.wrote == [
        (("events.library", "events.archive"), ["0", "1"], (None, minutes(60))),
        (("facts",), [], None),
        (("alerting",), [], ({"rows": 2}, None)),
    ]


def test_a_slice_that_was_left_open_is_finished_and_not_entered_again() -> None:
    feeder = Fedder([], {"rows": 5}, minutes(60))
    for until in (minutes(60), minutes(120)):
        feeder.feed(Slice(until, [fed for fed, _ in feed(0, 1)], {"rows": 7}))
    entered = [(ids, note) for inboxes, ids, note in feeder.wrote if "events.library" in inboxes]
    assert entered == [([], ({"rows": 5}, minutes(60))), (["0", "1"], ({"rows": 7}, minutes(120)))]


def test_what_flows_back_into_the_entrances_is_let_through_before_the_line_goes_on() -> None:
    feeder = Fedder([True, True, False])
    feeder.feed(Slice(minutes(60), [], {}))
    entrances = ("events.library", "events.archive")
    inboxes = [inboxes for inboxes, _, _ in feeder.wrote]
    assert inboxes == [entrances, ("facts",), entrances, ("facts",), entrances, ("facts",), ("alerting",)]


def test_facts_that_lead_to_facts_are_let_through_and_what_people_write_to_alerting_holds_nothing_up() -> None:
    asked: list[set[str]] = []

    class Asking(Fedder):
        def _flowed_into(self, inboxes: Any) -> bool:
            asked.append(set(inboxes))
            return super()._flowed_into(inboxes)

    Asking([]).feed(Slice(minutes(60), [], {}))
    assert asked == [{"events.library", "events.archive", "facts"}] * 2


# Waiting


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(drain_module, "time", clock)
    return clock


class Admin:
    """Says, look after look, what the group has committed; the last for ever."""

    def __init__(self, *looks: dict[TopicPartition, int]) -> None:
        self.looks, self.asked = list(looks), 0

    def list_group_offsets(self, groups: dict[str, None]) -> dict[str, dict[TopicPartition, Any]]:
        assert groups == {"trial.processors": None}
        self.asked += 1
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return {"trial.processors": {tp: SimpleNamespace(offset=offset, metadata="") for tp, offset in look.items()}}


class Noting(Admin):
    """A group that stands at one offset and says beside it how far it has come."""

    def list_group_offsets(self, groups: dict[str, None]) -> dict[str, dict[TopicPartition, Any]]:
        (found,) = super().list_group_offsets(groups).values()
        note = f"{self.asked} of its slice"
        return {"trial.processors": {tp: SimpleNamespace(offset=at.offset, metadata=note) for tp, at in found.items()}}


ONE, TWO = TopicPartition("trial.facts", 0), TopicPartition("trial.facts", 1)


def test_it_waits_until_the_group_is_past_every_record(clock: Clock) -> None:
    admin = Admin({}, {ONE: 4}, {ONE: 5, TWO: 1}, {ONE: 5, TWO: 8}, {ONE: 9, TWO: 9})
    Drain(admin, "trial.processors").wait_past({ONE: 4, TWO: 7})
    assert admin.asked == 4


def test_a_commit_at_the_record_is_not_past_it(clock: Clock) -> None:
    with pytest.raises(NotDrained):
        Drain(Admin({ONE: 4}), "trial.processors").wait_past({ONE: 4})


def test_what_was_passed_once_need_not_be_seen_again(clock: Clock) -> None:
    Drain(Admin({ONE: 5, TWO: 0}, {ONE: 0, TWO: 8}), "trial.processors").wait_past({ONE: 4, TWO: 7})


def test_a_group_without_a_coordinator_is_waited_for(clock: Clock) -> None:
    class Fresh(Admin):
        def list_group_offsets(self, groups: dict[str, None]) -> dict[str, dict[TopicPartition, Any]]:
            found = super().list_group_offsets(groups)
            if self.asked < 3:
                raise CoordinatorNotAvailableError
            return found

    admin = Fresh({ONE: 5})
    Drain(admin, "trial.processors").wait_past({ONE: 4})
    assert admin.asked == 3


def test_nothing_to_wait_for_asks_nobody(clock: Clock) -> None:
    admin = Admin({})
    Drain(admin, "trial.processors").wait_past({})
    assert admin.asked == 0


def test_somebody_is_called_before_each_look_and_may_end_the_waiting(clock: Clock) -> None:
    calls = []

    def between() -> None:
        calls.append(clock.now)
        if len(calls) == 3:
            raise KeyboardInterrupt

    admin = Admin({ONE: 0})
    with pytest.raises(KeyboardInterrupt):
        Drain(admin, "trial.processors", between).wait_past({ONE: 4})
    assert (len(calls), admin.asked) == (3, 2)


def test_without_progress_patience_ends_and_says_where_everything_stands(clock: Clock) -> None:
    admin = Admin({TWO: 3})
    with pytest.raises(NotDrained) as caught:
        Drain(admin, "trial.processors", patience=60).wait_past({TWO: 7, ONE: 4})
    assert str(caught.value) == (
        "no progress for 60 s: trial.facts/0 stands at 0 of 5, trial.facts/1 stands at 3 of 8. "
        "Is a worker running for group trial.processors? Its log says why it ended, if it did."
    )
    assert 60 < clock.now < 61


def test_any_progress_of_the_group_renews_patience(clock: Clock) -> None:
    other = TopicPartition("trial.events.library", 0)

    class Slow(Admin):
        def list_group_offsets(self, groups: dict[str, None]) -> dict[str, dict[TopicPartition, Any]]:
            self.looks = [{other: int(clock.now // 50), ONE: 5 if clock.now > 500 else 0}]
            return super().list_group_offsets(groups)

    Drain(Slow({}), "trial.processors", patience=60).wait_past({ONE: 4})
    assert clock.now > 500


def test_progress_within_a_slice_renews_patience_too(clock: Clock) -> None:
    admin = Noting(*[{ONE: 0}] * 1_000, {ONE: 5})
    Drain(admin, "trial.processors", patience=1).wait_past({ONE: 4})
    assert clock.now > 4


def test_waiting_by_default_is_longer_than_a_crashed_worker_takes(clock: Clock) -> None:
    with pytest.raises(NotDrained, match="no progress for 90 s"):
        Drain(Admin({}), "trial.processors").wait_past({ONE: 4})


# An import that goes on


def test_an_import_goes_on_where_it_stood() -> None:
    from backoffice.importing import Tally

    first = Tally(rows=7, imported=5, late=2)
    first.rejected.update({"no date": 1, "no amount": 1})
    again = Tally()
    again.resume(first.as_progress())
    assert (
        again.as_progress()
        == first.as_progress()
        == {
            "rows": 7,
            "imported": 5,
            "rejected": {"no date": 1, "no amount": 1},
            "late": 2,
        }
    )
    assert (again.resumed_at, first.resumed_at) == (7, 0)
    again.rejected["no date"] += 1
    assert first.rejected["no date"] == 1, "what was told is not what is counted on"


class Importer:
    """Reads rows, every third of which is of no use."""

    name, departments, rules = "ledger", ("library",), {"library": {"fine": 2}}

    def read(self, path: Path, *, time_zone: Any = None, rows: int | None = None) -> Iterator[Any]:
        from producers.importers import Imported, Rejected

        for row in range(1, min(7, rows or 7) + 1):
            if row % 3 == 0:
                yield Rejected(row, "no date")
            else:
                yield Imported(row, minutes(row), "room/1", f"r{row}", "/ledger", DoorOpened())


@pytest.mark.parametrize("stop", range(8))
def test_an_import_that_was_stopped_anywhere_counts_as_one_that_was_not(stop: int, tmp_path: Path) -> None:
    from backoffice.importing import ImportJob, Tally

    job = ImportJob(Importer(), tmp_path / "ledger.csv", Space("trial", replay=True), "broker:9092")  # type: ignore[arg-type]
    through = Tally()
    ids = [fed.about.id for fed, _ in job._feed(through)]
    first, again = Tally(), Tally()
    done = [each for each, _ in zip(job._feed(first), range(stop), strict=False)]
    if done:
        again.resume(done[-1][1])
    rest = list(job._feed(again))
    assert [fed.about.id for fed, _ in [*done, *rest]] == ids
    through_it_all = {"rows": 7, "imported": 5, "rejected": {"no date": 2}, "late": 0}
    assert again.as_progress() == through.as_progress() == through_it_all


def test_another_file_of_the_same_name_does_not_go_on_where_the_first_one_stood(tmp_path: Path) -> None:
    from backoffice.importing import ImportJob

    def name(text: str) -> str:
        (tmp_path / "ledger.csv").write_text(text)
        return ImportJob(Importer(), tmp_path / "ledger.csv", Space("trial", replay=True), "broker:9092").name  # type: ignore[arg-type]

    assert name("a,b\n1,2\n").startswith("ledger:ledger.csv:")
    assert name("a,b\n1,2\n") == name("a,b\n1,2\n3,4\n")
    assert name("a,b\n1,2\n") != name("a,b\n5,6\n")


def test_an_import_may_be_of_the_first_rows_alone(tmp_path: Path) -> None:
    from backoffice.importing import ImportJob, Tally

    space = Space("trial", replay=True)
    job = ImportJob(Importer(), tmp_path / "ledger.csv", space, "broker:9092", limit=4)  # type: ignore[arg-type]
    tally = Tally()
    assert len(list(job._feed(tally))) == 3
    assert tally.rows == 4
