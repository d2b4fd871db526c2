"""What the notifier counts, and what it says of its own health."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from consumers.notify.breaker import Breaker, BreakerPolicy
from consumers.notify.channels.base import DeliveryError, Final, Transient
from consumers.notify.meters import TURNS_WITHIN, Meters
from consumers.notify.notifier import Delivery, Turn
from consumers.notify.receivers import Outlet, Receiver
from schemas.notices import NoticeDelivered, NoticeFailed
from tests.unit.notify.hooks import WHEN, notice
from tests.unit.notify.test_retry import Scripted

DOWN = Transient("hook: HTTP 503")


class Clock:
    now = WHEN.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meters(clock: Clock) -> Meters:
    return Meters(clock, clock)


def value(meters: Meters, sample: str, **labels: str) -> float | None:
    return meters.registry.get_sample_value(f"backoffice_{sample}", labels)


def delivered(receiver: str = "it-manager") -> Delivery:
    said = notice(receiver=receiver)
    return Delivery(said, NoticeDelivered(notice=said.about.id, group=said.group, channel="webhook", attempts=1))


def failed(receiver: str = "it-manager") -> Delivery:
    said = notice(receiver=receiver)
    outcome: dict[str, Any] = {"channel": "webhook", "attempts": 5, "error": "webhook: HTTP 404 (final)"}
    return Delivery(said, NoticeFailed(notice=said.about.id, group=said.group, **outcome))


def test_notices_are_counted_by_receiver_and_outcome_from_zero_on(meters: Meters) -> None:
    meters.watch({"it-manager": Receiver(outlets=[])})
    assert value(meters, "notices_total", receiver="it-manager", outcome="failed") == 0
    for delivery in (delivered(), delivered(), failed()):
        meters.delivered(delivery)
    assert value(meters, "notices_total", receiver="it-manager", outcome="delivered") == 2
    assert value(meters, "notices_total", receiver="it-manager", outcome="failed") == 1


def test_names_that_nobody_configured_are_one(meters: Meters) -> None:
    meters.watch({"it-manager": Receiver(outlets=[])})
    for name in ("ghost", "spectre"):
        meters.delivered(failed(name))
    assert value(meters, "notices_total", receiver="unknown", outcome="failed") == 2


def test_latency_is_from_the_issue_of_a_notice_that_was_delivered(meters: Meters, clock: Clock) -> None:
    meters.watch({"it-manager": Receiver(outlets=[])})
    clock.now = (WHEN + timedelta(seconds=3)).timestamp()
    meters.delivered(delivered())
    meters.delivered(failed())
    assert value(meters, "notice_delivery_seconds_count", receiver="it-manager") == 1
    assert value(meters, "notice_delivery_seconds_sum", receiver="it-manager") == 3


def test_each_try_is_counted_by_how_it_ended_and_a_channel_that_is_left_alone_is_not_tried(meters: Meters) -> None:
    channel = Scripted(DOWN, Final("hook: HTTP 400"), ValueError("a fault of ours"), DOWN, DOWN)
    behind = Breaker(meters.metered(channel), BreakerPolicy(failures=2, seconds=60), lambda: 0.0)
    for _ in range(8):
        with suppress(DeliveryError, ValueError):
            behind.deliver(notice())
    tries = {
        outcome: value(meters, "delivery_tries_total", channel="scripted", outcome=outcome)
        for outcome in ("taken", "refused", "failed", "unexpected")
    }
    assert tries == {"taken": None, "refused": 1, "failed": 3, "unexpected": 1}
    assert value(meters, "delivery_try_seconds_count", channel="scripted") == 5


def test_a_breaker_is_open_while_it_leaves_its_channel_alone(meters: Meters) -> None:
    now = 0.0
    channel = Breaker(Scripted(DOWN), BreakerPolicy(failures=1, seconds=60), lambda: now)
    meters.watch({"it-manager": Receiver(outlets=[Outlet(channel)]), "clerk": Receiver(outlets=[])})
    assert value(meters, "breaker_open", receiver="it-manager", channel="scripted") == 0
    with pytest.raises(DeliveryError):
        channel.deliver(notice())
    assert value(meters, "breaker_open", receiver="it-manager", channel="scripted") == 1
    now = 60.0
    assert value(meters, "breaker_open", receiver="it-manager", channel="scripted") == 0


def test_it_lives_while_its_loop_goes_round(meters: Meters, clock: Clock) -> None:
    meters.watch({})
    meters.turned(Turn(3, 2))
    assert (value(meters, "notices_under_way"), value(meters, "notices_held")) == (3, 2)
    clock.now += TURNS_WITHIN
    assert meters.not_alive() is None
    clock.now += 1
    assert meters.not_alive() == f"the loop has not gone round for {TURNS_WITHIN + 1:.0f} s"
    meters.turned(Turn(0, 0))
    assert meters.not_alive() is None
