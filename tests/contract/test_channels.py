"""What every channel does, asked of every channel, with a real server at its other end."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from consumers.links import Link
from consumers.notify.channels.apprise import Apprise
from consumers.notify.channels.base import Channel, DeliveryError, Final, Transient
from consumers.notify.channels.config import (
    AppriseChannel,
    ChannelConfig,
    EmailChannel,
    PagerDutyChannel,
    SlackChannel,
    TerminalChannel,
    WebhookChannel,
)
from consumers.notify.channels.email import Email
from consumers.notify.channels.mail import Letterhead
from consumers.notify.channels.opening import open_channel
from consumers.notify.channels.pagerduty import PagerDuty
from consumers.notify.channels.slack import Slack
from consumers.notify.channels.smtp import MailServer
from consumers.notify.channels.terminal import TerminalOutput
from consumers.notify.channels.webhook import Webhook
from consumers.notify.secrets import Secrets
from schemas.notices import Notice
from tests.unit.notify.hooks import DOWN, Answer, Hooks, notice, serving
from tests.unit.notify.mailbox import Mailbox, parts, receiving

# Apprise loads all its plugins when it is first used, and one of them is behind the times.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

PASSWORD = "p4ssw0rd"
"""In every address and key that a channel here is given."""


@dataclass
class Other:
    """A channel's other end: what arrived there, and how it fails for the next notice."""

    channel: Channel
    arrived: Callable[[], list[str]]
    fails: dict[type[DeliveryError], Callable[[], None]]
    hangs: Callable[[], None] | None = None
    repeats_under: Callable[[], list[str]] | None = None
    """What tells a repetition, for each arrival; None: the service knows no such thing."""
    headers: Callable[[], list[str]] = field(default=lambda: [])
    """All that came besides a body."""
    largest: int = 2_000_000
    """Characters that arrive of a notice, however large it is."""


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


@dataclass
class Servers:
    """What a channel may talk to."""

    hooks: Hooks
    mailbox: Mailbox

    def answers(self, status: int) -> Callable[[], None]:
        """The next request is answered so, and with what a careless server may say."""
        return lambda: self.hooks.answers.append(Answer(status, body=f"not with {PASSWORD}".encode()))

    def hang(self) -> None:
        self.hooks.answers.append(Answer(hangs=True))

    def bodies(self) -> list[str]:
        return [json.dumps(json.loads(request.body), ensure_ascii=False) for request in self.hooks.requests]

    def posted(self, channel: Channel, largest: int) -> Other:
        return Other(
            channel,
            self.bodies,
            {Transient: self.answers(500), Final: self.answers(404)},
            self.hang,
            lambda: self.hooks.keys,
            lambda: [f"{name}: {value}" for r in self.hooks.requests for name, value in r.headers.items()],
            largest,
        )


def by_terminal(servers: Servers) -> Other:
    screen = Screen()
    return Other(TerminalOutput(screen), lambda: screen.getvalue().splitlines(), {Final: screen.break_once})


def by_webhook(servers: Servers) -> Other:
    return servers.posted(Webhook(servers.hooks.url(f"/{PASSWORD}"), PASSWORD, 0.5), largest=2_000_000)


def by_pagerduty(servers: Servers) -> Other:
    return servers.posted(PagerDuty(PASSWORD * 4, servers.hooks.url("/v2/enqueue"), 0.5), largest=512 * 1024)


def by_slack(servers: Servers) -> Other:
    return servers.posted(Slack(servers.hooks.url(f"/services/{PASSWORD}"), 0.5), largest=40_000)


def by_apprise(servers: Servers) -> Other:
    channel = Apprise([f"json://user:{PASSWORD}@127.0.0.1:{servers.hooks.port}/hook?rto=0.5"])

    def last_lines() -> list[str]:
        return [str(json.loads(body)["message"]).splitlines()[-1] for body in servers.bodies()]

    failing: dict[type[DeliveryError], Callable[[], None]] = {Transient: servers.answers(500)}
    return Other(channel, servers.bodies, failing, servers.hang, last_lines, largest=40_000)


def by_email(servers: Servers) -> Other:
    box = servers.mailbox
    server = MailServer("127.0.0.1", box.port, "none", hello="office.test", timeout_seconds=0.5)
    letterhead = Letterhead("Back office <office@example.com>", ("dana@example.com",))

    def answers(text: str) -> Callable[[], None]:
        return lambda: box.data_answers.append(f"{text} not with {PASSWORD}")

    return Other(
        Email(server, letterhead),
        lambda: ["\n".join((str(mail["Subject"]), *parts(mail))) for mail in box.mails],
        {Transient: answers("451 4.3.0"), Final: answers("550 5.7.1")},
        lambda: setattr(box, "hangs", True),
        lambda: [str(mail["Message-ID"]) for mail in box.mails],
        lambda: [f"{name}: {value}" for mail in box.mails for name, value in mail.items()],
        largest=60_000,
    )


EVERY = [by_terminal, by_webhook, by_email, by_pagerduty, by_slack, by_apprise]


@pytest.fixture
def servers() -> Iterator[Servers]:
    with serving() as hooks, receiving() as mailbox:
        yield Servers(hooks, mailbox)


@pytest.fixture(params=EVERY, ids=lambda make: make.__name__)
def other(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Other]:
    made: Other = request.param(servers)
    yield made
    made.channel.close()


def huge() -> Notice:
    """Near the limit of a record, as alerting may make it."""
    labels = {"alertname": "it.outage", "severity": "critical", "subject": "service/vpn"}
    alerts = tuple(
        DOWN.model_copy(update={"fingerprint": f"{n:016x}", "annotations": {"summary": f"{n} " + "long " * 100}})
        for n in range(1000)
    )
    return notice(alerts=alerts, truncated=24_000, common_labels=labels, summary="much is down " * 400)


def test_a_notice_arrives_with_what_why_and_which_alert(other: Other) -> None:
    other.channel.deliver(notice())
    (arrived,) = other.arrived()
    for said in ("vpn is down", "first notification", "0ad9ee6b2d72ce22"):
        assert said in arrived


def test_a_notice_may_be_delivered_again_and_is_the_same_again(other: Other) -> None:
    other.channel.deliver(notice())
    other.channel.deliver(notice())
    other.channel.deliver(notice("0-99-1", summary="mail is down"))
    first, second, third = other.arrived()
    assert first == second != third
    if other.repeats_under is not None:
        one, again, another = other.repeats_under()
        assert one == again != another


def test_the_end_of_an_alert_can_be_told_from_its_beginning(other: Other) -> None:
    other.channel.deliver(notice())
    other.channel.deliver(notice(status="resolved", reason="alert resolved"))
    first, second = (arrived.lower() for arrived in other.arrived())
    assert "resolve" not in first
    assert "resolve" in second


@pytest.mark.parametrize("kind", [Transient, Final])
def test_a_failure_is_what_it_is_and_says_which_channel_and_no_secret(other: Other, kind: type[DeliveryError]) -> None:
    if kind not in other.fails:
        pytest.skip(f"{other.channel.kind} has no failure that is {kind.__name__}")
    other.fails[kind]()
    with pytest.raises(kind, match=rf"^({other.channel.kind}:|standard output)") as caught:
        other.channel.deliver(notice())
    assert PASSWORD not in str(caught.value)
    other.channel.deliver(notice("0-1-2"))
    assert len(other.arrived()) >= 1, "the next one arrives"


def test_whoever_hangs_is_given_up_for_now(other: Other) -> None:
    if other.hangs is None:
        pytest.skip(f"{other.channel.kind} waits for nobody")
    other.hangs()
    with pytest.raises(Transient) as caught:
        other.channel.deliver(notice())
    assert PASSWORD not in str(caught.value)


HOSTILE = [
    "[bold]not markup[/]",
    "\x1b[2Jcleared",
    "zwei\nZeilen",
    "x\r\nBcc: evil@example.com\r\n\r\nhello",
    "ünï ☂ 漢字",
    "<script>alert(1)</script> <!channel> & {{ 7 * 191 }} {% raw %}",
    "\N{REPLACEMENT CHARACTER} half a character",
    "a" * 100_000,
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_whatever_outsiders_write_is_delivered_as_text_and_as_nothing_else(other: Other, text: str) -> None:
    labels = {**DOWN.labels, "evil": text}
    alert = DOWN.model_copy(update={"labels": labels, "annotations": {"summary": text, "evil": text}})
    other.channel.deliver(notice(summary=text, alerts=(alert,), common_labels=labels, common_annotations={"x": text}))
    (arrived,) = other.arrived()
    assert "\x1b" not in arrived
    assert not any("evil@example.com" in header and "Subject" not in header for header in other.headers())
    assert "1337" not in arrived, "it was taken for a template"


@pytest.mark.parametrize("id", ["a b", "ünsafe\r\nX-Evil: 1", "/" * 200, "\x00"])
def test_whatever_an_id_holds_it_ends_no_header(other: Other, id: str) -> None:
    other.channel.deliver(notice(id))
    assert len(other.arrived()) == 1
    assert not any(header.startswith("X-Evil") for header in other.headers())


def test_of_a_huge_notice_arrives_what_can_be_read_and_how_much_there_is_more(other: Other) -> None:
    other.channel.deliver(huge())
    (arrived,) = other.arrived()
    assert len(arrived) <= other.largest
    if other.channel.kind != "webhook":
        assert any(f"{25_000 - shown}" in arrived for shown in (0, 1, 20, 50))


CONFIGURED: list[tuple[ChannelConfig, str]] = [
    (TerminalChannel(), "terminal"),
    (WebhookChannel(url="http://127.0.0.1:${PORT}/hook", secret="${KEY}"), "webhook"),
    (SlackChannel(url="http://127.0.0.1:${PORT}/hook", title="{{ receiver }}", text="{{ reason }}"), "slack"),
    (PagerDutyChannel(url="http://127.0.0.1:${PORT}/hook", routing_key="${KEY}"), "pagerduty"),
    (AppriseChannel(url="json://127.0.0.1:${PORT}/hook", title="{{ summary }}"), "apprise"),
]


@pytest.mark.parametrize(("config", "kind"), CONFIGURED, ids=lambda value: value if isinstance(value, str) else "")
def test_channels_are_opened_from_their_configuration(servers: Servers, config: ChannelConfig, kind: str) -> None:
    secrets = Secrets({"PORT": str(servers.hooks.port), "KEY": "k" * 32})
    channel = open_channel(config, secrets, lambda said: (Link("Acknowledge", "https://office.test/act/x"),))
    channel.deliver(notice())
    channel.close()
    assert channel.kind == config.type == kind
    assert len(servers.hooks.requests) == (kind != "terminal")


def test_a_mail_is_written_as_its_configuration_says(servers: Servers) -> None:
    config = EmailChannel.model_validate(
        {
            "to": ["Dana <dana@example.com>"],
            "from": "office@example.com",
            "smarthost": servers.mailbox.server,
            "tls": "none",
            "title": "{{ receiver }}",
            "text": "{{ links[0].url }}",
            "html": "<b>{{ summary }}</b>",
        }
    )
    channel = open_channel(config, Secrets(), lambda said: (Link("Acknowledge", "https://office.test/act/x"),))
    channel.deliver(notice(summary="<vpn>"))
    (mail,) = servers.mailbox.mails
    text, html = parts(mail)
    assert (mail["Subject"], text.strip(), html.strip()) == (
        "it-manager",
        "https://office.test/act/x",
        "<b>&lt;vpn&gt;</b>",
    )
    assert servers.mailbox.to == [["dana@example.com"]]
