"""The notifier's receivers, from the configuration: channels opened, with their guards, links and quiet hours."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from backoffice.config import Configuration
from backoffice.config.model import ReceiverConfiguration
from consumers.links import ActionLinks, Links, no_links
from consumers.notify.breaker import Breaker, BreakerPolicy
from consumers.notify.channels.base import Channel
from consumers.notify.channels.config import ChannelConfig
from consumers.notify.channels.opening import open_channel
from consumers.notify.receivers import Outlet, Quiet, Receiver
from consumers.notify.retry import RetryPolicy
from consumers.notify.secrets import Secrets
from processors.alerting.intervals import holds
from processors.alerting.settings import NamedTimeIntervals


def receivers(
    found: Configuration,
    secrets: Secrets,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    metered: Callable[[Channel], Channel] = lambda channel: channel,
) -> Mapping[str, Receiver]:
    """Everybody who can be told. `now` is asked whether it is quiet hours; `metered` may count what a channel does.

    Raises SecretMissing.
    """
    links = action_links(found, secrets)
    external_url = found.alerting.action_links.url if found.alerting.action_links else ""
    delivery = found.alerting.delivery
    breaker = BreakerPolicy(delivery.breaker_failures, delivery.breaker_seconds)
    intervals = {interval.name: interval for interval in found.alerting.time_intervals}

    def outlets(channels: Iterable[ChannelConfig]) -> list[Outlet]:
        return [
            Outlet(Breaker(metered(open_channel(one, secrets, links, external_url)), breaker), one.send_resolved)
            for one in channels
        ]

    return {
        receiver.name: Receiver(
            outlets=outlets(receiver.channels),
            fallback=outlets(receiver.fallback),
            limit=receiver.rate_limit,
            quiet=_quiet(receiver, intervals, now),
        )
        for receiver in found.alerting.all_receivers()
    }


def retry_policy(found: Configuration) -> RetryPolicy:
    """How often and how long a delivery is tried."""
    delivery = found.alerting.delivery
    return RetryPolicy(delivery.attempts, delivery.first_wait_seconds, delivery.longest_wait_seconds)


def action_links(found: Configuration, secrets: Secrets) -> Links:
    """The links that mails and chats carry; none where no address is configured. Raises SecretMissing."""
    settings = found.alerting.action_links
    if settings is None:
        return no_links
    key = secrets.either(settings.key, settings.key_file) or ""
    return ActionLinks(settings.url, key, timedelta(hours=settings.valid_hours))


def _quiet(
    receiver: ReceiverConfiguration, intervals: Mapping[str, NamedTimeIntervals], now: Callable[[], datetime]
) -> Quiet | None:
    hours = receiver.quiet_hours
    if hours is None:
        return None
    named = [intervals[name] for name in hours.time_intervals]
    return Quiet(lambda: any(holds(interval, now()) for interval in named), hours.below)
