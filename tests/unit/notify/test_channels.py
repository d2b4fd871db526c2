"""What every channel does, asked of every channel."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from consumers.notify.channels.apprise import Apprise
from consumers.notify.channels.base import Channel, DeliveryError
from consumers.notify.channels.config import AppriseChannel, TerminalChannel, WebhookChannel
from consumers.notify.channels.opening import open_channel
from consumers.notify.channels.terminal import TerminalOutput
from consumers.notify.channels.webhook import Webhook
from consumers.notify.secrets import Secrets
from tests.unit.notify.hooks import Answer, Hooks, notice

# Apprise loads all its plugins when it is first used, and one of them is behind the times.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@dataclass
class Reached:
    """A channel, what arrived at its other end, and how to break that end."""

    channel: Channel
    arrived: Callable[[], list[str]]
    breaks: Callable[[], None]


def by_terminal(hooks: Hooks) -> Reached:
    screen = Screen()
    return Reached(TerminalOutput(screen), lambda: screen.getvalue().splitlines(), screen.break_once)


class Screen(io.StringIO):
    """A terminal that can be away for one line."""

    broken = False

    def break_once(self) -> None:
        self.broken = True

    def write(self, text: str) -> int:
        if self.broken:
            self.broken = False
            raise BrokenPipeError("nobody reads")
        return super().write(text)


def by_webhook(hooks: Hooks) -> Reached:
    return Reached(Webhook(hooks.url()), lambda: _bodies(hooks), lambda: hooks.answers.append(Answer(500)))


def by_apprise(hooks: Hooks) -> Reached:
    channel = Apprise([f"json://127.0.0.1:{hooks.port}/hook"])
    return Reached(channel, lambda: _bodies(hooks), lambda: hooks.answers.append(Answer(500)))


def _bodies(hooks: Hooks) -> list[str]:
    return [json.dumps(json.loads(request.body), ensure_ascii=False) for request in hooks.requests]


@pytest.fixture(params=[by_terminal, by_webhook, by_apprise])
def reached(request: pytest.FixtureRequest, hooks: Hooks) -> Iterator[Reached]:
    made: Reached = request.param(hooks)
    yield made
    made.channel.close()


def test_a_notice_arrives_with_what_why_and_which_alert(reached: Reached) -> None:
    reached.channel.deliver(notice())
    (arrived,) = reached.arrived()
    for said in ("vpn is down", "first notification", "0ad9ee6b2d72ce22"):
        assert said in arrived


def test_a_notice_may_be_delivered_again(reached: Reached) -> None:
    reached.channel.deliver(notice())
    reached.channel.deliver(notice())
    first, second = reached.arrived()
    assert first == second


def test_the_end_of_an_alert_can_be_told_from_its_beginning(reached: Reached) -> None:
    reached.channel.deliver(notice())
    reached.channel.deliver(notice(status="resolved", reason="alert resolved"))
    first, second = (arrived.lower() for arrived in reached.arrived())
    assert "resolved" not in first
    assert "resolved" in second


def test_what_does_not_arrive_is_a_delivery_error_that_says_which_channel(reached: Reached) -> None:
    reached.breaks()
    with pytest.raises(DeliveryError, match=f"{reached.channel.kind}:|standard output"):
        reached.channel.deliver(notice())


def test_the_next_notice_after_a_failure_arrives(reached: Reached) -> None:
    reached.breaks()
    with pytest.raises(DeliveryError):
        reached.channel.deliver(notice("0-1-1"))
    reached.channel.deliver(notice("0-1-2"))
    assert len(reached.arrived()) == 2


@pytest.mark.parametrize("summary", ["[bold]not markup[/]", "\x1b[2Jcleared", "zwei\nZeilen", "ünï ☂", ""])
def test_whatever_a_summary_contains_is_delivered(reached: Reached, summary: str) -> None:
    reached.channel.deliver(notice(summary=summary))
    assert len(reached.arrived()) == 1
    assert "\x1b" not in reached.arrived()[0]


def test_channels_are_opened_from_their_configuration(hooks: Hooks) -> None:
    secrets = Secrets({"PORT": str(hooks.port)})
    for config in (
        TerminalChannel(),
        WebhookChannel(url="http://127.0.0.1:${PORT}/hook"),
        AppriseChannel(url="json://127.0.0.1:${PORT}/hook"),
    ):
        channel = open_channel(config, secrets)
        channel.deliver(notice())
        channel.close()
        assert channel.kind == config.type
    assert len(hooks.requests) == 2
