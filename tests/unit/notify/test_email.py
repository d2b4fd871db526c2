"""The e-mail channel, against a real mail server."""

import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from consumers.links import Link
from consumers.notify.channels.base import Final, Transient
from consumers.notify.channels.email import Email
from consumers.notify.channels.mail import Letterhead, is_address
from consumers.notify.channels.smtp import MailServer
from schemas.notices import Notice
from tests.unit.notify.hooks import DOWN, WHEN, notice
from tests.unit.notify.mailbox import Mailbox, parts, receiving


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with receiving() as running:
        yield running


def deliver(box: Mailbox, *notices: Notice, to: tuple[str, ...] = ("dana@example.com",), **server: Any) -> None:
    values: dict[str, Any] = {"tls": "none", "hello": "office.test", "timeout_seconds": 5, **server}
    links = (Link("Acknowledge", "https://office.test/act/x"), Link("Resolve", "https://office.test/act/y"))
    letterhead = Letterhead("Back office <office@example.com>", to, lambda said: links)
    channel = Email(MailServer("127.0.0.1", box.port, **values), letterhead)
    for said in notices or (notice(),):
        channel.deliver(said)


def test_it_is_a_mail_with_text_and_html_and_what_its_reader_can_do(box: Mailbox) -> None:
    deliver(box)
    (mail,) = box.mails
    text, html = parts(mail)
    assert mail["Subject"] == "[CRITICAL] vpn is down"
    assert (mail["From"], mail["To"]) == ("Back office <office@example.com>", "dana@example.com")
    assert parsedate_to_datetime(mail["Date"]) == WHEN
    assert (mail["Auto-Submitted"], mail["Importance"]) == ("auto-generated", "high")
    for said in (text, html):
        for part in ("first notification", "service/vpn", "downstream", "mail", "https://office.test/act/x"):
            assert part in said


def test_the_text_reads_well(box: Mailbox) -> None:
    ended = DOWN.model_copy(
        update={
            "fingerprint": "0000000000000001",
            "status": "resolved",
            "labels": {**DOWN.labels, "subject": "service/mail"},
            "annotations": {"summary": "mail is down"},
            "ends_at": WHEN.replace(hour=9),
        }
    )
    deliver(box, notice(alerts=(ended, DOWN), truncated=7, reason="some alerts resolved"))
    text, _ = parts(box.mails[0])
    assert text.replace("\r\n", "\n") == (
        "vpn is down\n"
        "\n"
        "Why you are told: some alerts resolved\n"
        "\n"
        "CRITICAL  it.outage  service/vpn\n"
        "  since 2026-01-05 08:00 UTC\n"
        "  department: it\n"
        "  downstream: mail\n"
        "  alert 0ad9ee6b2d72ce22\n"
        "\n"
        "RESOLVED  it.outage  service/mail\n"
        "  mail is down\n"
        "  since 2026-01-05 08:00 UTC, until 2026-01-05 09:00 UTC\n"
        "  department: it\n"
        "  alert 0000000000000001\n"
        "\n"
        "and 7 more\n"
        "\n"
        "Acknowledge: https://office.test/act/x\n"
        "Resolve: https://office.test/act/y\n"
        "\n"
        "notice 0-41-2\n"
    )


def test_mails_of_one_group_are_one_thread_and_of_two_are_two(box: Mailbox) -> None:
    other = notice("0-3-1", group="ffffffffffffffff")
    deliver(box, notice("0-1-1"), notice("0-2-1", status="resolved", reason="all alerts resolved"), other)
    first, second, third = box.mails
    assert first["References"] == first["In-Reply-To"] == second["References"] != third["References"]
    assert len({mail["Message-ID"] for mail in box.mails}) == 3


def test_a_repetition_is_the_same_mail_to_the_byte(box: Mailbox) -> None:
    deliver(box, notice(), notice())
    first, second = (mail.as_bytes() for mail in box.mails)
    assert first == second


def test_every_address_is_in_the_envelope_and_an_address_that_is_refused_keeps_nobody_from_it(
    box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    box.refused["gone@example.com"] = "550 5.1.1 nobody of that name"
    deliver(box, to=("Dana <dana@example.com>", "gone@example.com"))
    assert box.to == [["dana@example.com"]]
    assert "1 of 2 addresses were refused" in caplog.text
    assert "gone@" not in caplog.text


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("550 5.1.1 gone@example.com is nobody", Final, "email: SMTP 550 5.1.1 (final)"),
        ("450 4.2.1 try later, gone@example.com", Transient, "email: SMTP 450 4.2.1"),
    ],
)
def test_when_all_addresses_are_refused_the_answer_decides(
    box: Mailbox, answer: str, kind: type[Exception], said: str
) -> None:
    box.refused["dana@example.com"] = answer
    with pytest.raises(kind) as caught:
        deliver(box)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("552 5.3.4 too big", Final, "email: SMTP 552 5.3.4 (final)"),
        ("554 no", Final, "email: SMTP 554 (final)"),
        ("421 4.7.0 busy", Transient, "email: SMTP 421 4.7.0"),
        ("452 full", Transient, "email: SMTP 452"),
    ],
)
def test_a_mail_that_is_refused_is_worth_another_try_when_the_server_says_so(
    box: Mailbox, answer: str, kind: type[Exception], said: str
) -> None:
    box.data_answers.append(answer)
    with pytest.raises(kind) as caught:
        deliver(box)
    assert str(caught.value) == said
    assert box.mails == []


def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    nowhere = Mailbox()
    nowhere.port = 1
    with pytest.raises(Transient, match=r"^email: ConnectionRefusedError$"):
        deliver(nowhere)


def test_a_mail_that_was_taken_is_delivered_although_the_goodbye_fails(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: smtplib.SMTP) -> None:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(smtplib.SMTP, "quit", lost)
    deliver(box)
    assert len(box.mails) == 1


def test_a_server_that_cannot_encrypt_is_sent_nothing(box: Mailbox) -> None:
    with pytest.raises(Final, match="cannot do STARTTLS"):
        deliver(box, tls="starttls")
    assert box.mails == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a certificate of our own, and its key."""
    if which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=mail.test"
    addext = ("-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run([*command.split(), *addext], cwd=folder, check=True, capture_output=True)
    return folder


class TestEncrypted:
    """With a certificate of our own."""

    @pytest.fixture
    def box(self, certificate: Path) -> Iterator[Mailbox]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        with receiving(context, password="p4ssw0rd") as running:
            yield running

    def test_it_logs_in_and_sends(self, box: Mailbox, certificate: Path) -> None:
        trusted = str(certificate / "cert.pem")
        deliver(box, tls="starttls", ca_file=trusted, username="office", password="p4ssw0rd")
        assert (box.logged_in[-1], len(box.mails)) == ("office", 1)

    def test_a_wrong_password_is_final_and_is_not_repeated(self, box: Mailbox, certificate: Path) -> None:
        with pytest.raises(Final, match=r"^email: SMTP 535 5\.7\.8 \(final\)$"):
            deliver(box, tls="starttls", ca_file=str(certificate / "cert.pem"), username="office", password="wr0ng")

    def test_a_certificate_that_nobody_we_trust_has_signed_is_final(self, box: Mailbox) -> None:
        with pytest.raises(Final, match="certificate is not trusted"):
            deliver(box, tls="starttls", username="office", password="p4ssw0rd")
        assert box.logged_in == []


@pytest.mark.parametrize("text", ["dana@example.com", "Dana Ë <dana@example.com>", "d@localhost"])
def test_an_address_is_one(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["dana", "@example.com", "a@b, c@d", "a@b\nBcc: c@d", "<>", "", "a@b c"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert not is_address(text)
