"""Receivers: each name with its channels, and what became of a notice to one of them."""

from collections.abc import Mapping, Sequence
from threading import Event

from consumers.notify.channels.base import Channel
from consumers.notify.retry import Outcome, RetryPolicy, try_to_deliver
from schemas.notices import Notice, NoticeDelivered, NoticeFailed

Result = NoticeDelivered | NoticeFailed


class Receivers:
    """Everybody this notifier can reach."""

    def __init__(self, channels: Mapping[str, Sequence[Channel]], policy: RetryPolicy, stop: Event) -> None:
        self._channels = channels
        self._policy = policy
        self._stop = stop

    def deliver(self, notice: Notice) -> Result:
        """Tells a receiver through every channel they have. One that takes it is enough. Raises Stopped."""
        channels = self._channels.get(notice.receiver, ())
        if not channels:
            nowhere = f"no receiver {notice.receiver!r} is configured (add it under alerting.receivers)"
            return result(notice, [Outcome("none", 1, nowhere)])
        return result(notice, [try_to_deliver(c, notice, self._policy, self._stop) for c in channels])

    def close(self) -> None:
        for channels in self._channels.values():
            for channel in channels:
                channel.close()


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
