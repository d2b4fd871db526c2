"""Notices over the limit, and in quiet hours, wait and come as one; none is lost, and none overtakes an older one."""

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from consumers.notify.holding import LONGEST_SECONDS, MOST_IN_ALL, MOST_OF_ONE, Batch, Holding
from consumers.notify.notices import Place, Taken
from consumers.notify.receivers import Quiet, Receiver
from consumers.notify.settings import RateLimit
from tests.unit.notify.hooks import DOWN, notice

HERE, THERE = Place("test.notices", 0), Place("test.notices", 1)
Severity = Literal["critical", "error", "warning", "info"]


class Desk:
    """What waits for receivers, told as a timeline. Notices are named by their ids."""

    def __init__(self, limit: RateLimit | None = None, below: str | None = None, receivers: int = 1) -> None:
        self.time = 0.0
        self.quiet = False
        self._offset = 0
        quiet = Quiet(lambda: self.quiet, below) if below else None
        known = {f"r{n}": Receiver(outlets=(), limit=limit, quiet=quiet) for n in range(receivers)}
        self.holding = Holding(known, lambda: self.time)

    def comes(
        self, id: str, severity: Severity = "critical", group: str = "a", receiver: str = "r0", place: Place = HERE
    ) -> list[str]:
        """What goes because of it."""
        alert = DOWN.model_copy(update={"labels": {**DOWN.labels, "severity": severity}})
        said = notice(id, receiver, alerts=(alert,), group=group * 16)
        self._offset += 1
        return names(self.holding.admit(Taken(place, self._offset, 0, said)))

    def at(self, seconds: float) -> list[str]:
        """What goes by then."""
        self.time = seconds
        return names(self.holding.due())


def names(batches: list[Batch]) -> list[str]:
    return ["+".join(taken.notice.about.id for taken in batch if taken.notice) for batch in batches]


LIMIT = RateLimit(notices=2, per_minutes=10)
"""Two at once, and one every 300 seconds."""


def test_whoever_has_neither_limit_nor_quiet_hours_waits_for_nothing() -> None:
    desk = Desk()
    assert desk.comes("1") == ["1"]
    assert (desk.at(10), len(desk.holding)) == ([], 0)


def test_what_is_over_the_limit_waits_to_the_second_and_comes_as_one() -> None:
    desk = Desk(LIMIT)
    assert [desk.comes(str(n), group=str(n)) for n in range(1, 6)] == [["1"], ["2"], [], [], []]
    assert desk.at(299.99) == []
    assert desk.at(300) == ["3+4+5"]
    assert len(desk.holding) == 0


def test_an_hour_without_notices_allows_no_more_than_the_limit_at_once() -> None:
    desk = Desk(LIMIT)
    desk.at(3600)
    assert [desk.comes(str(n), group=str(n)) for n in range(1, 4)] == [["1"], ["2"], []]


def test_nothing_overtakes_what_waits_for_the_limit() -> None:
    desk = Desk(LIMIT)
    for n in range(1, 4):
        desk.comes(str(n), group=str(n))
    desk.time = 300
    assert desk.comes("4", group="4") == []
    assert desk.at(300) == ["3+4"]


def test_in_quiet_hours_only_urgent_notices_come_and_the_others_when_they_are_over() -> None:
    desk = Desk(below="error")
    desk.quiet = True
    assert desk.comes("1", "warning", "1") == []
    assert desk.comes("2", "error", "2") == ["2"]
    assert desk.comes("3", "info", "3") == []
    assert desk.at(3600) == []
    desk.quiet = False
    assert desk.at(3601) == ["1+3"]


def test_an_urgent_notice_takes_what_waits_of_its_group_along() -> None:
    desk = Desk(below="critical")
    desk.quiet = True
    desk.comes("1", "warning", "a")
    desk.comes("2", "warning", "b")
    assert desk.comes("3", "critical", "a") == ["1+3"]
    desk.quiet = False
    assert desk.at(1) == ["2"]


def test_quiet_hours_and_the_limit_hold_together() -> None:
    desk = Desk(LIMIT, below="critical")
    desk.quiet = True
    desk.comes("1", "warning", "1")
    assert desk.comes("2", group="2") == ["2"]
    assert desk.comes("3", group="3") == ["3"]
    assert desk.comes("4", group="4") == []
    assert desk.at(300) == ["4"], "urgent, so only the limit held it"
    desk.quiet = False
    assert desk.at(301) == []
    assert desk.at(600) == ["1"]


def test_no_quiet_hours_last_longer_than_a_day() -> None:
    desk = Desk(below="critical")
    desk.quiet = True
    desk.comes("1", "info")
    assert desk.at(LONGEST_SECONDS - 0.01) == []
    assert desk.at(LONGEST_SECONDS) == ["1"]


def test_too_many_for_one_go_at_once() -> None:
    desk = Desk(below="critical")
    desk.quiet = True
    for n in range(MOST_OF_ONE):
        assert desk.comes(str(n), "info", receiver="r0") == []
    (batch,) = desk.comes("last", "info")
    assert batch.count("+") == MOST_OF_ONE
    assert len(desk.holding) == 0


def test_too_many_in_all_go_where_there_are_most() -> None:
    desk = Desk(below="critical", receivers=11)
    desk.quiet = True
    for n in range(MOST_IN_ALL // 10):
        for r in range(10):
            assert desk.comes(f"{r}.{n}", "info", receiver=f"r{r}") == []
    desk.comes("more", "info", receiver="r10")
    assert len(desk.holding) == MOST_IN_ALL + 1 - MOST_IN_ALL // 10


def test_what_is_another_notifiers_now_is_forgotten() -> None:
    desk = Desk(below="critical")
    desk.quiet = True
    desk.comes("1", "info", place=HERE)
    desk.comes("2", "info", place=THERE)
    desk.holding.drop([HERE])
    desk.quiet = False
    assert (desk.at(1), len(desk.holding)) == (["2"], 0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("critical", "error", "info")),
        st.sampled_from("abc"),
        st.integers(0, 200),
        st.booleans(),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_comes_and_whenever_all_of_it_goes_once_and_in_order_within_its_group(
    steps: list[tuple[Severity, str, int, bool]],
) -> None:
    desk = Desk(LIMIT, below="error")
    gone: list[str] = []
    for n, (severity, group, seconds, quiet) in enumerate(steps):
        desk.quiet = quiet
        gone += desk.at(desk.time + seconds)
        gone += desk.comes(f"{group}{n}", severity, group)
    desk.quiet = False
    for _ in range(5):
        gone += desk.at(desk.time + 300)
    ids = [id for batch in gone for id in batch.split("+")]
    assert sorted(ids) == sorted(f"{group}{n}" for n, (_, group, _, _) in enumerate(steps))
    for group in "abc":
        numbers = [int(id[1:]) for id in ids if id[0] == group]
        assert numbers == sorted(numbers)
    assert len(desk.holding) == 0


@given(STEPS)
def test_no_more_messages_come_in_any_time_than_the_limit_allows(steps: list[tuple[Severity, str, int, bool]]) -> None:
    desk = Desk(LIMIT)
    sent: list[float] = []
    for n, (severity, group, seconds, _) in enumerate(steps):
        sent += [desk.time for _ in desk.at(desk.time + seconds)]
        sent += [desk.time for _ in desk.comes(f"{group}{n}", severity, group)]
    for start in sent:
        assert sum(start <= at < start + 600 for at in sent) <= 2 + 2
