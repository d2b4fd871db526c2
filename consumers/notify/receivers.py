"""Receivers: each name with how it is reached and when, and what became of notices to one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import NamedTuple

from consumers.notify.channels.base import Channel
from consumers.notify.retry import Outcome, RetryPolicy, Sending, send
from consumers.notify.settings import RateLimit
from consumers.notify.together import by_group, together
from schemas.notices import Notice, NoticeDelivered, NoticeFailed

Result = NoticeDelivered | NoticeFailed


@dataclass(frozen=True, slots=True)
class Outlet:
    """One opened channel of a receiver, and whether it tells of what has ended."""

    channel: Channel
    send_resolved: bool = True

    def messages(self, notices: Sequence[Notice]) -> list["Message"]:
        """What goes through it for these notices."""
        shares = by_group(notices) if self.channel.per_group else [tuple(notices)]
        return [self._message(share) for share in shares]

    def _message(self, notices: tuple[Notice, ...]) -> "Message":
        whole = together(notices)
        told = self._told(whole)
        return Message(told or whole, told is not None, notices)

    def _told(self, whole: Notice) -> Notice | None:
        """What the channel tells of a notice; None: nothing. That somebody has taken it concerns only who keeps an
        incident of it, in which it would go on to climb."""
        if whole.reason == "acknowledged" and not self.channel.per_group:
            return None
        return whole if self.send_resolved else only_firing(whole)


class Message(NamedTuple):
    """What goes through a channel at once."""

    notice: Notice
    wanted: bool
    """False: the channel does not tell of what it is about."""
    told: tuple[Notice, ...]
    """The notices whose outcome it decides."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """When somebody is not to be disturbed."""

    now: Callable[[], bool]
    """Whether it is quiet hours."""
    below: str
    """Notices less severe than this wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """How somebody is reached, and when."""

    outlets: Sequence[Outlet]
    """All are used; one that takes a notice is enough."""
    fallback: Sequence[Outlet] = ()
    """Tried in order, when none of the others took it."""
    limit: RateLimit | None = None
    """What is over it waits."""
    quiet: Quiet | None = None
    """What is less urgent waits until it is over."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """Everybody this notifier can reach."""

    known: Mapping[str, Receiver]
    policy: RetryPolicy
    stop: Event

    def deliver(self, notices: Sequence[Notice]) -> list[Result]:
        """Tells a receiver what was issued for them, several notices together. One result each. Raises Stopped."""
        receiver = self.known.get(notices[0].receiver)
        if receiver is None:
            nowhere = f"no receiver {notices[0].receiver!r} is configured (add it under alerting.receivers)"
            return [result(notice, [Outcome("none", 0, nowhere)]) for notice in notices]
        outcomes: dict[str, list[Outcome]] = {notice.about.id: [] for notice in notices}
        self._through(receiver.outlets, notices, outcomes)
        for outlet in receiver.fallback:
            if left := [notice for notice in notices if not _delivered(outcomes[notice.about.id])]:
                self._through([outlet], left, outcomes)
        return [result(notice, outcomes[notice.about.id]) for notice in notices]

    def _through(
        self, outlets: Sequence[Outlet], notices: Sequence[Notice], outcomes: Mapping[str, list[Outcome]]
    ) -> None:
        """Adds to the outcomes of notices what became of them on these channels."""
        messages = [(outlet.channel, message) for outlet in outlets for message in outlet.messages(notices)]
        sendings = [Sending(channel, message.notice, settled=not message.wanted) for channel, message in messages]
        for outcome, (_, message) in zip(send(sendings, self.policy, self.stop), messages, strict=True):
            for notice in message.told:
                outcomes[notice.about.id].append(outcome)

    def close(self) -> None:
        for receiver in self.known.values():
            for outlet in (*receiver.outlets, *receiver.fallback):
                outlet.channel.close()


def only_firing(notice: Notice) -> Notice | None:
    """A notice without alerts that have ended; None when it is about nothing else (as Alertmanager's RetryStage)."""
    if notice.status == "resolved":
        return None
    firing = tuple(alert for alert in notice.alerts if alert.status == "firing")
    if not firing or len(firing) == len(notice.alerts):
        return notice
    without = notice.model_copy(update={"alerts": firing})
    without.with_about(notice.about)
    return without


def result(notice: Notice, outcomes: Sequence[Outcome]) -> Result:
    """The event that says what became of a notice, from what became of it on each channel."""
    good = [outcome for outcome in outcomes if outcome.error is None]
    said = good or outcomes
    channel = ",".join(outcome.channel for outcome in said)
    attempts = max(outcome.attempts for outcome in said)
    if good:
        return NoticeDelivered(
            notice=notice.about.id,
            group=notice.group,
            channel=channel,
            attempts=attempts,
            escalation_step=notice.escalation_step,
        )
    return NoticeFailed(
        notice=notice.about.id,
        group=notice.group,
        channel=channel,
        attempts=attempts,
        escalation_step=notice.escalation_step,
        error="; ".join(outcome.error or "" for outcome in outcomes),
    )


def _delivered(outcomes: Sequence[Outcome]) -> bool:
    return any(outcome.error is None for outcome in outcomes)
