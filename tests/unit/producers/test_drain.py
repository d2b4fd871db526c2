"""Waiting for the processors: until they have passed, through a broker that just begins, and not for ever."""

from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, KafkaError, NotCoordinatorError

from producers.drain import Drain, NotDrained

INBOX = TopicPartition("events.hr", 0)


class Answers:
    """What an admin client answers, one look after another; the last for ever."""

    def __init__(self, *answers: int | type[KafkaError], members: list[str] | type[KafkaError] = KafkaError) -> None:
        self._answers = list(answers)
        self._members = members

    def list_group_offsets(self, groups: dict[str, None]) -> dict[str, Any]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, int):
            return {group: {INBOX: SimpleNamespace(offset=answer, metadata=f"stood at {answer}")} for group in groups}
        raise answer()

    def describe_groups(self, groups: list[str]) -> dict[str, Any]:
        if isinstance(self._members, list):
            return {group: {"members": self._members} for group in groups}
        raise self._members()


def test_it_waits_until_the_group_is_past_the_record() -> None:
    admin = Answers(3, 7, 8)
    assert Drain(admin, "group").wait_past({INBOX: 7}) == {INBOX: "stood at 8"}
    assert admin._answers == [8]


@pytest.mark.parametrize(
    "error", [CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError], ids=lambda e: e.errno
)
def test_a_broker_that_just_begins_is_waited_for(error: type[KafkaError]) -> None:
    admin = Answers(error, error, 8)
    Drain(admin, "group").wait_past({INBOX: 7})
    assert admin._answers == [8]


@pytest.mark.parametrize("answer", [7, CoordinatorNotAvailableError], ids=["stands still", "no coordinator"])
def test_without_progress_it_says_where_it_stands(answer: int | type[KafkaError]) -> None:
    with pytest.raises(NotDrained, match=r"events.hr/0 stands at [70] of 8"):
        Drain(Answers(answer), "group", patience=0.02).wait_past({INBOX: 7})


def test_while_a_worker_is_there_a_record_may_take_longer() -> None:
    long = [7] * 20  # looks, 5 ms apart
    Drain(Answers(*long, 8, members=["w-1"]), "group", patience=0.02).wait_past({INBOX: 7})


@pytest.mark.parametrize(
    ("members", "with_workers"), [([], 60.0), (CoordinatorNotAvailableError, 60.0), (["w-1"], 0.04)]
)
def test_without_a_worker_or_for_very_long_it_may_not(
    members: list[str] | type[KafkaError], with_workers: float
) -> None:
    drain = Drain(Answers(7, members=members), "group", patience=0.02, with_workers=with_workers)
    with pytest.raises(NotDrained):
        drain.wait_past({INBOX: 7})
