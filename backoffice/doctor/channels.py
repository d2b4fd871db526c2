"""Whether receivers can be reached: names resolve, servers answer, certificates are good, mail servers let us in.

Nothing is sent, unless somebody asks for a test. Addresses of hooks are secret, so only their host and port are said.
"""

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from backoffice import notifying
from backoffice.config import Configuration
from backoffice.doctor.finding import Finding, error, warning, well
from backoffice.doctor.patient import SECONDS, Patient
from consumers.notify.channels.base import DeliveryError
from consumers.notify.channels.config import (
    AppriseChannel,
    ChannelConfig,
    EmailChannel,
    PagerDutyChannel,
    SlackChannel,
    WebhookChannel,
)
from consumers.notify.channels.opening import apprise_addresses, mail_server
from consumers.notify.secrets import SecretMissing, Secrets
from schemas.envelope import About
from schemas.notices import Notice, NoticeAlert

SOON = timedelta(days=14)
"""A certificate that ends within this is worth a word."""

AT_ONCE = 8
"""Channels looked at side by side: each may take seconds."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a channel connects to."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def channels(patient: Patient) -> Iterator[Finding]:
    """Every channel of every receiver."""
    found = patient.configuration
    secrets = Secrets(patient.environ, found.folder)
    wanted = [
        (f"{receiver.name}, {channel.type}", channel)
        for receiver in found.alerting.all_receivers()
        for channel in (*receiver.channels, *receiver.fallback)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda one: _looked_at(one[0], one[1], secrets, patient.now()), wanted)


def _looked_at(name: str, channel: ChannelConfig, secrets: Secrets, now: datetime) -> Finding:
    try:
        return reached(name, channel, secrets, now)
    except SecretMissing as missing:
        return warning(f"{name}: {missing}", "Run this where the notifier runs, with its secrets.")


def reached(name: str, channel: ChannelConfig, secrets: Secrets, now: datetime) -> Finding:
    """Whether one channel could deliver, as far as that can be known without sending. Raises SecretMissing."""
    match channel:
        case EmailChannel():
            return _mail_server(name, channel, secrets)
        case AppriseChannel():
            return _apprise(name, channel, secrets)
        case WebhookChannel() | SlackChannel() | PagerDutyChannel():
            return connected(name, _endpoint(channel, secrets), now)
    return well(f"{name}: nothing to connect to")


def _endpoint(channel: WebhookChannel | SlackChannel | PagerDutyChannel, secrets: Secrets) -> Endpoint:
    from consumers.notify.channels.pagerduty import EVENTS_URL

    if isinstance(channel, PagerDutyChannel):
        url = secrets.either(channel.url, None) or EVENTS_URL
    else:
        url = secrets.either(channel.url, channel.url_file) or ""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SecretMissing("its address is not of the form https://host/path")
    tls = parts.scheme == "https"
    return Endpoint(parts.hostname, parts.port or (443 if tls else 80), tls)


def connected(name: str, to: Endpoint, now: datetime, trusted: ssl.SSLContext | None = None) -> Finding:
    """Whether a server answers, and shows a certificate that is good for more than a few days."""
    try:
        with socket.create_connection((to.host, to.port), timeout=SECONDS) as plain:
            if not to.tls:
                return well(f"{name}: {to} answers, unencrypted")
            context = trusted or ssl.create_default_context()
            with context.wrap_socket(plain, server_hostname=to.host) as encrypted:
                ends = _ends(encrypted)
    except socket.gaierror:
        return error(f"{name}: nobody knows a host {to.host}", "Correct the address, or this machine's DNS.")
    except ssl.SSLCertVerificationError as why:
        return error(f"{name}: the certificate of {to} is not good: {why.verify_message}", "Renew or trust it.")
    except (OSError, ssl.SSLError) as why:
        return error(
            f"{name}: {to} does not answer: {why.strerror or why}", "Correct the address, or see to the server."
        )
    if ends - now < SOON:
        return warning(f"{name}: the certificate of {to} ends on {ends:%Y-%m-%d}", "Have it renewed before that.")
    return well(f"{name}: {to} answers, its certificate is good until {ends:%Y-%m-%d}")


def _ends(encrypted: ssl.SSLSocket) -> datetime:
    certificate = encrypted.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


def _mail_server(name: str, channel: EmailChannel, secrets: Secrets) -> Finding:
    try:
        mail_server(channel, secrets).greet()
    except DeliveryError as why:
        return error(f"{name}: {channel.smarthost}: {why}", "Correct smarthost, tls, ca_file, username or password.")
    lets_in = "" if channel.username is None else f", and lets {channel.username} in"
    return well(f"{name}: {channel.smarthost} answers{lets_in}")


def _apprise(name: str, channel: AppriseChannel, secrets: Secrets) -> Finding:
    from consumers.notify.channels.apprise import is_address

    urls = apprise_addresses(channel, secrets)
    if wrong := [number for number, url in enumerate(urls, start=1) if not is_address(url)]:
        numbers = ", ".join(map(str, wrong))
        return error(f"{name}: Apprise does not know address {numbers} of {len(urls)}", "Correct it.")
    return well(f"{name}: {len(urls)} addresses that Apprise knows; only --send-test shows whether they work")


def send_test(found: Configuration, secrets: Secrets, receiver: str, who: str, now: datetime) -> Iterator[Finding]:
    """Sends one notice through every channel of a receiver. Raises SecretMissing, KeyError for one there is not."""
    known = notifying.receivers(found, secrets)[receiver]
    notice = trial(receiver, who, now)
    for outlet in (*known.outlets, *known.fallback):
        try:
            outlet.channel.deliver(notice)
        except DeliveryError as why:
            yield error(f"{receiver}: {why}", "Correct the channel; `backoffice doctor` says what is wrong with it.")
        else:
            yield well(f"{receiver}, {outlet.channel.kind}: took the test notice")
        finally:
            outlet.channel.close()


def trial(receiver: str, who: str, now: datetime) -> Notice:
    """A notice that says it is a trial."""
    labels = {"alertname": "backoffice.test", "severity": "info", "subject": f"receiver/{receiver}"}
    text = f"A test, sent by {who} with `backoffice doctor`: nothing has happened"
    alert = NoticeAlert(
        fingerprint="0" * 16, status="firing", labels=labels, annotations={"summary": text}, starts_at=now
    )
    notice = Notice(
        receiver=receiver,
        reason="first notification",
        status="firing",
        group="0" * 16,
        group_key='{}/{}:{alertname="backoffice.test"}',
        alerts=(alert,),
        group_labels={"alertname": "backoffice.test"},
        common_labels=labels,
        common_annotations=alert.annotations,
        summary=text,
    )
    notice.with_about(About(f"test-{int(now.timestamp() * 1000)}", "urn:backoffice:cli", f"receiver/{receiver}", now))
    return notice
