"""A receiver is told through all channels; one that works is enough."""

from threading import Event

from consumers.notify.channels.base import Final
from consumers.notify.receivers import Receivers
from consumers.notify.retry import RetryPolicy
from schemas.notices import NoticeDelivered, NoticeFailed
from tests.unit.notify.hooks import notice
from tests.unit.notify.test_retry import Scripted


def receivers(*channels: Scripted) -> Receivers:
    return Receivers({"it-manager": channels}, RetryPolicy(attempts=1), Event())


def test_a_delivered_notice_says_so() -> None:
    assert receivers(Scripted()).deliver(notice(escalation_step=2)) == NoticeDelivered(
        notice="0-41-2", group="04c6a1ffe29b6d10", channel="scripted", attempts=1, escalation_step=2
    )


def test_one_channel_that_works_is_enough_and_is_the_one_named() -> None:
    broken = Scripted(Final("HTTP 404"))
    broken.kind = "broken"
    result = receivers(broken, Scripted()).deliver(notice())
    assert isinstance(result, NoticeDelivered)
    assert result.channel == "scripted"


def test_when_all_fail_each_says_why() -> None:
    result = receivers(Scripted(Final("HTTP 404")), Scripted(Final("HTTP 410"))).deliver(notice())
    assert isinstance(result, NoticeFailed)
    assert (result.channel, result.error) == ("scripted,scripted", "HTTP 404; HTTP 410")


def test_a_receiver_that_is_not_configured_cannot_be_told() -> None:
    result = receivers().deliver(notice(receiver="ghost"))
    assert isinstance(result, NoticeFailed)
    assert result.error == "no receiver 'ghost' is configured (add it under alerting.receivers)"
