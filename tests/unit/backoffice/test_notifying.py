"""The notifier's receivers, from the configuration: what may be written, and what comes of it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import get_args

import pytest

from backoffice import notifying
from backoffice.config import Configuration, ConfigurationError, load
from backoffice.config.secrets import missing_secrets
from backoffice.config.show import effective
from consumers.links import verify
from consumers.notify.breaker import Breaker
from consumers.notify.channels.base import Final, NotTried, Transient
from consumers.notify.channels.config import ChannelConfig
from consumers.notify.receivers import Receiver
from consumers.notify.retry import RetryPolicy
from consumers.notify.secrets import Secrets
from consumers.notify.settings import ActionLinkSettings, DeliverySettings, QuietHours, RateLimit
from schemas.settings import Settings
from tests.unit.notify.hooks import WHEN, Answer, Hooks, notice, serving

ROOT = Path(__file__).parents[3]
CHANNELS = get_args(get_args(ChannelConfig)[0])
KEY = "k" * 40
# Apprise loads all its plugins when it is first used, and one of them is behind the times.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.yaml"


def read(file: Path, alerting: str) -> Configuration:
    """A file that says this, one step below `alerting:`."""
    file.write_text("alerting:\n" + "\n".join(f"  {line}" for line in dedent(alerting).strip("\n").splitlines()))
    return load(file, {})


def refused(file: Path, alerting: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(file, alerting)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


OPENED: list[Receiver] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Channels of a test share connections with those of the next, unless they are closed."""
    yield
    for receiver in OPENED:
        for outlet in (*receiver.outlets, *receiver.fallback):
            outlet.channel.close()
    OPENED.clear()


def receivers(
    found: Configuration, environ: Mapping[str, str] = {}, now: Callable[[], datetime] = lambda: WHEN
) -> Mapping[str, Receiver]:
    opened = notifying.receivers(found, Secrets(environ, found.folder), now)
    OPENED.extend(opened.values())
    return opened


WHOLE = """
    time_intervals:
      - name: nights
        time_intervals:
          - {times: [{start_time: "22:00", end_time: "24:00"}, {start_time: "00:00", end_time: "06:00"}],
             location: Europe/Berlin}
    delivery: {attempts: 3, breaker_failures: 4, breaker_seconds: 30}
    action_links: {url: "https://office.test/", key: "${LINK_KEY}", valid_hours: 2}
    receivers:
      - name: clerk
        channels:
          - {type: pagerduty, routing_key: "${PAGER}"}
          - type: email
            from: office@example.com
            to: [dana@example.com]
            smarthost: mail.example.com:587
            username: office
            password_file: mail.password
            send_resolved: false
        fallback:
          - {type: slack, url: "https://chat.example/hook/p4ss", title: "{{ receiver }}"}
        rate_limit: {notices: 20}
        quiet_hours: {time_intervals: [nights], below: error}
    """


def test_all_of_it_together(file: Path) -> None:
    (file.parent / "mail.password").write_text("p4ss\n")
    found = read(file, WHOLE)
    clerk = receivers(found, {"LINK_KEY": KEY, "PAGER": "R" * 32})["clerk"]
    assert [(outlet.channel.kind, outlet.send_resolved) for outlet in clerk.outlets] == [
        ("pagerduty", True),
        ("email", False),
    ]
    assert [outlet.channel.kind for outlet in clerk.fallback] == ["slack"]
    assert all(isinstance(outlet.channel, Breaker) for outlet in (*clerk.outlets, *clerk.fallback))
    assert clerk.limit is not None
    assert (clerk.limit.notices, clerk.limit.per_minutes) == (20, 60)
    assert notifying.retry_policy(found) == RetryPolicy(attempts=3, first_wait=1, longest_wait=60)


def test_quiet_hours_are_those_of_the_time_interval_to_the_second(file: Path) -> None:
    (file.parent / "mail.password").write_text("p4ss\n")
    clock = [WHEN]
    found = read(file, WHOLE)
    quiet = receivers(found, {"LINK_KEY": KEY, "PAGER": "R" * 32}, lambda: clock[0])["clerk"].quiet
    assert quiet is not None
    assert quiet.below == "error"
    seen = []
    for hour, minute, second in ((20, 59, 59), (21, 0, 0), (23, 0, 0), (4, 59, 59), (5, 0, 0)):
        clock[0] = datetime(2026, 1, 5, hour, minute, second, tzinfo=UTC)  # an hour earlier than in Berlin
        seen.append(quiet.now())
    assert seen == [False, True, True, True, False]


def test_what_is_shown_is_read_again_as_the_same_and_has_no_secret(file: Path) -> None:
    found = read(file, WHOLE)
    shown = effective(found, {})
    assert "p4ss" not in shown
    assert "${LINK_KEY}" in shown
    file.write_text(shown.replace("(hidden)", "https://hidden.example"))
    again = load(file, {})
    (clerk,) = (receiver for receiver in again.alerting.receivers if receiver.name == "clerk")
    (given,) = found.alerting.receivers
    assert clerk.model_dump(exclude={"fallback"}) == given.model_dump(exclude={"fallback"})
    assert again.alerting.delivery == found.alerting.delivery
    assert again.alerting.action_links == found.alerting.action_links


def test_every_secret_that_is_missing_is_named(file: Path) -> None:
    notes = missing_secrets(read(file, WHOLE), {})
    assert [note.split(" (")[0].partition(": ")[0] for note in notes] == [
        "receiver clerk, pagerduty",
        "receiver clerk, email",
        "action_links",
    ]
    assert "LINK_KEY is not set" in notes[-1]


CHANNEL = "receivers: [{{name: a, channels: [{}]}}]"


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("{type: email, to: [dana], from: o@x.org, smarthost: 'm:25'}", ".to[0]: 'dana' is not a mail address"),
        ("{type: email, to: [d@x.org], from: 'a@b, c@d', smarthost: 'm:25'}", ".from: 'a@b, c@d' is not a mail"),
        ("{type: email, to: [d@x.org], from: o@x.org, smarthost: mail}", ".smarthost: 'mail' is not a server and port"),
        ("{type: email, to: [d@x.org], from: o@x.org, smarthost: 'm:99999'}", ".smarthost: 'm:99999' is not a server"),
        ("{type: email, to: [], from: o@x.org, smarthost: 'm:25'}", ".to: tuple should have at least 1 item"),
        (
            "{type: email, to: [d@x.org], from: o@x.org, smarthost: 'm:25', username: u}",
            ": a username needs",
        ),
        (
            "{type: email, to: [d@x.org], from: o@x.org, smarthost: 'm:25', username: u, password: p, tls: none}",
            ": a password is not sent unencrypted",
        ),
        (
            "{type: email, to: [d@x.org], from: o@x.org, smarthost: 'm:25', html: '{{ recever }}'}",
            ".html: ",
        ),
        ("{type: slack}", ": give either url or url_file"),
        ("{type: slack, url: 'https://x', url_file: y}", ": give url or url_file, not both"),
        ("{type: slack, url: hooks.slack.com}", ".url: not an address of the form"),
        ("{type: slack, url: 'https://x', text: '{% if %}'}", ".text: "),
        ("{type: pagerduty}", ": give either routing_key or routing_key_file"),
        ("{type: pagerduty, routing_key: k, roting_key: k}", ".roting_key: unknown key (did you mean 'routing_key'?)"),
        (
            "{type: webhook, url: 'https://x', max_alerts: -1}",
            ".max_alerts: input should be greater",
        ),
    ],
)
def test_each_mistake_in_a_channel_has_its_own_words(file: Path, channel: str, said: str) -> None:
    (first, *_) = refused(file, CHANNEL.format(channel))
    assert first.startswith(f"2: alerting.receivers[0].channels[0]{said}")


@pytest.mark.parametrize(
    ("alerting", "said"),
    [
        (
            "receivers: [{name: a, rate_limit: {notices: 0}}]",
            "2: alerting.receivers[0].rate_limit.notices: input should",
        ),
        ("receivers: [{name: a, rate_limit: {}}]", "2: alerting.receivers[0].rate_limit.notices: is missing"),
        (
            "receivers: [{name: a, quiet_hours: {time_intervals: [nihgts]}}]\ntime_intervals: [{name: nights}]",
            "2: alerting.receivers[0].quiet_hours.time_intervals[0]: there is no time interval 'nihgts'",
        ),
        (
            "receivers: [{name: a, fallback: [{type: pigeon}]}]",
            "2: alerting.receivers[0].fallback[0]: type must be one",
        ),
        (
            "receivers: [{name: a, fallback: [{type: apprise, url: 'pigeon://x'}]}]",
            "2: alerting.receivers[0].fallback[0].url: not an address that Apprise knows",
        ),
        ("delivery: {attempts: 0}", "2: alerting.delivery.attempts: input should be greater"),
        ("action_links: {url: office, key: '${K}'}", "2: alerting.action_links.url: not an address of the form"),
        ("action_links: {url: 'https://x', key: short}", "2: alerting.action_links.key: shorter than 16 characters"),
        ("action_links: {url: 'https://x'}", "2: alerting.action_links: give either key or key_file"),
    ],
)
def test_each_mistake_around_a_channel_has_its_own_words(file: Path, alerting: str, said: str) -> None:
    assert refused(file, alerting)[0].startswith(said)


def test_no_mistake_repeats_a_secret(file: Path) -> None:
    said = refused(
        file,
        """
        receivers:
          - name: a
            channels:
              - {type: slack, url: "ftp://user:p4ss@x"}
              - {type: pagerduty, routing_key: [p4ss]}
              - {type: email, to: [d@x.org], from: o@x.org, smarthost: 'm:25', username: u, password: {p4ss: p4ss}}
        action_links: {url: "https://x", key: p4ss}
        """,
    )
    assert len(said) == 4
    assert "p4ss" not in "".join(said)


def test_links_of_a_mail_are_those_the_api_reads(file: Path) -> None:
    found = read(file, WHOLE)
    links = notifying.action_links(found, Secrets({"LINK_KEY": KEY}))
    first = links(notice())[0]
    path, _, token = first.url.rpartition("/")
    assert path == "https://office.test/act"
    assert verify(KEY, token, WHEN).expires == WHEN + timedelta(hours=2)


def test_without_an_address_there_are_no_links(file: Path) -> None:
    assert notifying.action_links(read(file, "receivers: []"), Secrets())(notice()) == ()


def test_a_channel_that_keeps_failing_is_left_alone_as_configured(file: Path) -> None:
    with serving() as hooks:
        hooks.answers += [Answer(503)] * 9
        clerk = _webhook(file, hooks)
        channel = clerk.outlets[0].channel
        for _ in range(2):
            with pytest.raises(Transient):
                channel.deliver(notice())
        with pytest.raises(Final, match="3 times in a row"):
            channel.deliver(notice())
        with pytest.raises(NotTried):
            channel.deliver(notice())
        assert len(hooks.requests) == 3


def _webhook(file: Path, hooks: Hooks) -> Receiver:
    found = read(
        file,
        f"""
        delivery: {{breaker_failures: 3}}
        receivers: [{{name: clerk, channels: [{{type: webhook, url: "{hooks.url()}"}}]}}]
        """,
    )
    return receivers(found)["clerk"]


def _settings() -> dict[str, set[str]]:
    """Every setting of delivery, as it is written, by the section of the document that must name it."""
    channels = {channel.model_fields["type"].default: channel for channel in CHANNELS}
    sections: dict[str, type[Settings]] = {f"### `{kind}`": channel for kind, channel in channels.items()}
    sections |= {
        "## Tries, and when they end": DeliverySettings,
        "## What waits": RateLimit,
        "## What waits\n": QuietHours,
        "## Links to act": ActionLinkSettings,
    }
    common = {"type", "send_resolved", "timeout_seconds"}
    return {
        section: {field.alias or name for name, field in model.model_fields.items()} - common
        for section, model in sections.items()
    }


@pytest.mark.parametrize(("section", "names"), _settings().items())
def test_every_setting_is_in_the_document(section: str, names: set[str]) -> None:
    _, _, text = (ROOT / "docs" / "notifications.md").read_text().partition(section.strip() + "\n")
    here = re.split(r"^##", text, maxsplit=1, flags=re.MULTILINE)[0]
    assert names == {name for name in names if f"`{name}`" in here}
