"""A receiver is told through all channels; one that works is enough; when none does, there is a fallback."""

from collections.abc import Sequence
from threading import Event

import pytest

from consumers.notify.channels.base import Final, Transient
from consumers.notify.receivers import Outlet, Receiver, Receivers, Result, only_firing
from consumers.notify.retry import RetryPolicy
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from tests.unit.notify.hooks import DOWN, notice
from tests.unit.notify.test_retry import Scripted

ENDED = DOWN.model_copy(update={"fingerprint": "0000000000000001", "status": "resolved"})


def deliver(
    *channels: Scripted | Outlet, said: Sequence[Notice] = (), fallback: Sequence[Scripted] = ()
) -> list[Result]:
    receiver = Receiver(
        outlets=[channel if isinstance(channel, Outlet) else Outlet(channel) for channel in channels],
        fallback=[Outlet(channel) for channel in fallback],
    )
    receivers = Receivers({"it-manager": receiver}, RetryPolicy(attempts=2, first_wait=0.001), Event())
    return receivers.deliver(said or [notice()])


def test_a_delivered_notice_says_so() -> None:
    assert deliver(Scripted(), said=[notice(escalation_step=2)]) == [
        NoticeDelivered(notice="0-41-2", group="04c6a1ffe29b6d10", channel="scripted", attempts=1, escalation_step=2)
    ]


def test_one_channel_that_works_is_enough_and_is_the_one_named() -> None:
    broken = Scripted(Final("HTTP 404"))
    broken.kind = "broken"
    (result,) = deliver(broken, Scripted())
    assert isinstance(result, NoticeDelivered)
    assert result.channel == "scripted"


def test_when_all_fail_each_says_why() -> None:
    (result,) = deliver(Scripted(Final("HTTP 404")), Scripted(Final("HTTP 410")))
    assert isinstance(result, NoticeFailed)
    assert (result.channel, result.error) == ("scripted,scripted", "HTTP 404; HTTP 410")


def test_a_receiver_that_is_not_configured_cannot_be_told() -> None:
    (result,) = deliver(Scripted(), said=[notice(receiver="ghost")])
    assert isinstance(result, NoticeFailed)
    assert result.error == "no receiver 'ghost' is configured (add it under alerting.receivers)"


class TestFallback:
    def test_it_rests_while_any_channel_works(self) -> None:
        fallback = Scripted()
        deliver(Scripted(Final("HTTP 404")), Scripted(), fallback=[fallback])
        assert fallback.told == []

    @pytest.mark.parametrize("error", [Final("HTTP 404"), Transient("HTTP 503")])
    def test_it_is_told_when_all_have_failed_for_good(self, error: Exception) -> None:
        fallback, second = Scripted(), Scripted()
        fallback.kind = "mail"
        (result,) = deliver(Scripted(error, error), fallback=[fallback, second])
        assert isinstance(result, NoticeDelivered)
        assert (result.channel, len(fallback.told), second.told) == ("mail", 1, [])

    def test_the_next_one_is_told_when_the_first_fails_too(self) -> None:
        second = Scripted()
        (result,) = deliver(Scripted(Final("a")), fallback=[Scripted(Final("b")), second])
        assert isinstance(result, NoticeDelivered)
        assert len(second.told) == 1

    def test_when_it_fails_too_the_notice_has_failed(self) -> None:
        (result,) = deliver(Scripted(Final("HTTP 404")), fallback=[Scripted(Final("HTTP 410"))])
        assert isinstance(result, NoticeFailed)
        assert result.error == "HTTP 404; HTTP 410"

    def test_only_what_was_not_delivered_goes_there(self) -> None:
        pager, mail = Scripted(Final("HTTP 400")), Scripted()
        pager.per_group = True
        two = [notice("1", group="a" * 16), notice("2", group="b" * 16)]
        results = deliver(pager, said=two, fallback=[mail])
        assert [type(result) for result in results] == [NoticeDelivered, NoticeDelivered]
        assert [said.about.id for said in mail.told] == ["1"]


class TestSeveralTogether:
    NOTICES = (notice("1", group="a" * 16), notice("2", group="b" * 16), notice("3", group="a" * 16))

    def test_people_are_sent_one_message_and_each_notice_has_its_outcome(self) -> None:
        channel = Scripted()
        results = deliver(channel, said=self.NOTICES)
        assert [said.stands_for for said in channel.told] == [("1", "2", "3")]
        assert [(result.notice, result.group[0]) for result in results] == [("1", "a"), ("2", "b"), ("3", "a")]

    def test_a_pager_is_sent_one_for_each_of_its_incidents(self) -> None:
        pager = Scripted()
        pager.per_group = True
        deliver(pager, said=self.NOTICES)
        assert [(said.group, said.stands_for) for said in pager.told] == [("a" * 16, ("1", "3")), ("b" * 16, ())]

    def test_what_fails_fails_for_those_it_tells(self) -> None:
        pager = Scripted(Final("HTTP 400"))
        pager.per_group = True
        results = deliver(pager, said=self.NOTICES)
        assert [type(result) for result in results] == [NoticeFailed, NoticeDelivered, NoticeFailed]


class TestSendResolved:
    def test_a_channel_may_tell_only_of_what_fires(self) -> None:
        channel = Scripted()
        (result,) = deliver(Outlet(channel, send_resolved=False), said=[notice(alerts=(DOWN, ENDED))])
        assert [said.fingerprints for said in channel.told] == [(DOWN.fingerprint,)]
        assert channel.told[0].about.id == "0-41-2"
        assert isinstance(result, NoticeDelivered)

    def test_when_nothing_fires_it_is_not_told_and_that_is_no_failure(self) -> None:
        channel = Scripted(Final("never tried"))
        (result,) = deliver(Outlet(channel, send_resolved=False), said=[notice(status="resolved", alerts=(ENDED,))])
        assert isinstance(result, NoticeDelivered)
        assert (channel.told, result.attempts) == ([], 0)

    def test_a_notice_of_which_all_fires_stays_as_it_is(self) -> None:
        said = notice()
        assert only_firing(said) is said


def test_that_somebody_has_taken_it_is_told_to_pagers_and_is_delivered_to_all() -> None:
    chat, pager = Scripted(Final("never tried")), Scripted()
    pager.per_group = True
    taken = notice(reason="acknowledged", acknowledged_by="dana")
    assert [type(result) for result in deliver(chat, pager, said=[taken])] == [NoticeDelivered]
    assert ([said.reason for said in chat.told], [said.reason for said in pager.told]) == ([], ["acknowledged"])
