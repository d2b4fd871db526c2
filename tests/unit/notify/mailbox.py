"""A real mail server in a thread that keeps what it is sent and answers as told."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """What came in, and what will be answered: by default that all is well."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        """The addresses of each mail's envelope."""
        self.logged_in: list[str] = []
        self.data_answers: list[str] = []
        """In order, after a mail has been sent; then 250."""
        self.refused: dict[str, str] = {}
        """The answer to an address that is not taken."""
        self.hangs = False
        """It does not answer when a mail has been sent."""
        self.closing = asyncio.Event()

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if answer := self.refused.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hangs:
            await self.closing.wait()
        if self.data_answers and (answer := self.data_answers.pop(0)) != "250":
            return answer
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.to.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def receiving(tls: ssl.SSLContext | None = None, password: str | None = None) -> Iterator[Mailbox]:
    """`tls`: with STARTTLS. `password`: only who logs in with it may send."""
    box = Mailbox()
    loop = asyncio.new_event_loop()

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        box.logged_in.append(data.login.decode())
        return AuthResult(success=data.password.decode() == password, handled=False)

    def session() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            loop=loop,
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=password is not None,
            authenticator=check if password is not None else None,
        )

    async def stop() -> None:
        box.closing.set()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = loop.run_until_complete(loop.create_server(session, "127.0.0.1", 0))
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def parts(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML."""
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    return str(text.get_content()), str(html.get_content())
