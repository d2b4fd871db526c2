"""A mail server: SMTP, encrypted unless told otherwise; and what it means when it does not take a mail."""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from typing import Literal

from consumers.notify.channels.base import DeliveryError, Final, Transient
from consumers.notify.channels.mail import bare

_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")
"""An enhanced status code, RFC 3463, at the start of an answer."""


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in, each over a connection of its own. What it takes is delivered, as far as we see."""

    host: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    hello: str | None = None
    ca_file: str | None = None
    timeout_seconds: float = 10

    def hand_in(self, mail: EmailMessage, sender: str, to: Sequence[str]) -> int:
        """Returns how many of these addresses were refused. Raises Transient or Final when all of them were."""
        with _judging(), self._connected() as smtp:
            return len(smtp.send_message(mail, bare([sender])[0], bare(to)))

    def greet(self) -> None:
        """Connects, encrypts and logs in as for a mail, and hands in none. Raises Transient or Final."""
        with _judging(), self._connected() as smtp:
            smtp.ehlo_or_helo_if_needed()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        if self.tls == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self.hello, timeout=self.timeout_seconds, context=self._trusted
            )
        else:
            smtp = smtplib.SMTP(self.host, self.port, self.hello, timeout=self.timeout_seconds)
        try:
            if self.tls == "starttls":
                smtp.starttls(context=self._trusted)
            if self.username is not None:
                smtp.login(self.username, self.password or "")
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()  # the mail has been taken; what is said after it does not matter
        finally:
            smtp.close()

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Reading all certificates takes a while, and is done once."""
        return ssl.create_default_context(cafile=self.ca_file)


@contextmanager
def _judging() -> Iterator[None]:
    """What a failure means: RFC 5321 says 4yz is worth another try and 5yz is not."""
    try:
        yield
    except smtplib.SMTPNotSupportedError as error:
        raise Final("email: the server cannot do STARTTLS, log in, or take such an address (see `tls`)") from error
    except smtplib.SMTPResponseException as error:
        raise _answered([(error.smtp_code, error.smtp_error)]) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _answered(list(error.recipients.values())) from error
    except ssl.SSLCertVerificationError as error:
        raise Final("email: the server's certificate is not trusted (see `ca_file`)") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Transient(f"email: {type(error).__name__}") from error


def _answered(answers: list[tuple[int, bytes | str]]) -> DeliveryError:
    """The codes of the first answer that leaves hope, else of the first. Never its text, which may hold addresses."""
    code, text = next((answer for answer in answers if answer[0] < 500), answers[0])
    enhanced = _ENHANCED.match(text if isinstance(text, bytes) else text.encode())
    why = f"email: SMTP {code}{f' {enhanced[0].decode()}' if enhanced else ''}"
    return Transient(why) if code < 500 else Final(f"{why} (final)")
