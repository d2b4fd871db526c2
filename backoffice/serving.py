"""The API as a process: its view of the alerts, its way to the log, and the port it is served at."""

import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import uvicorn
from fastapi import FastAPI

from backoffice import vitals
from backoffice.config import Configuration
from backoffice.judging import Judgement
from backoffice.rota import ConfiguredRota
from consumers.api.app import create_app
from consumers.api.following import Following
from consumers.api.meters import Meters
from consumers.api.ports import NotTaken, NotWritten, Said
from consumers.api.service import Service
from consumers.api.tokens import Access, Token
from consumers.api.view import View
from consumers.behind import Behind
from consumers.links import SHORTEST_KEY
from consumers.notify.secrets import SecretMissing, Secrets
from producers.client import Client
from producers.errors import NotSent, Refused
from schemas.processing import Tick
from schemas.topics import Space

log = logging.getLogger(__name__)

SOURCE = "urn:backoffice:api"
WRITE_TIMEOUT = 30.0
"""Seconds a command may take to be on the log."""

MOST_CONNECTIONS = 1_000
_SHA256 = re.compile("[0-9a-fA-F]{64}")

STOP_WITHIN = 5
"""Seconds that requests under way have when the program is stopped."""


class ApiError(Exception):
    """The API cannot be served; the text says why."""


class Inbox:
    """The log as commands and posted alerts reach it.

    In a replay space they carry the space's own time, which `now` says, and are followed by a tick that closes their
    slice: the feed may be over, and then nobody else does.
    """

    def __init__(self, client: Client, now: Callable[[], datetime] | None = None) -> None:
        self._client = client
        self._now = now

    def write(self, said: Sequence[Said]) -> Sequence[int]:
        at = self._now() if self._now else None
        try:
            sent = [self._client.send(one.event, one.subject, source=SOURCE, id=one.id, time=at) for one in said]
            if at is not None:
                tick = Tick(partition=0)
                self._client.send(tick, "partition/0", source=SOURCE, time=at, topic="alerting", partition=0)
            return [receipt.result(WRITE_TIMEOUT).offset for receipt in sent]
        except Refused as error:
            raise NotTaken(str(error)) from error
        except (NotSent, TimeoutError) as error:
            raise NotWritten(str(error)) from error


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and whether it keeps to itself because there are no tokens."""

    app: FastAPI
    is_open: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """A service that answers, and who may use it over HTTP."""

    service: Service
    access: Access


@contextmanager
def connected(bootstrap: str, space: Space, found: Configuration, environ: Mapping[str, str]) -> Iterator[Connected]:
    """The service, connected while the block runs. Raises ApiError, producers.errors.NotSent."""
    access = Access(tokens(found, environ))
    view, meters = View(found.api.max_alerts), Meters()
    following = Following(bootstrap, space, view)
    meters.watch(view, following)
    now = _clock(space, view)
    vitals.introduce(meters.registry, "api")
    with (
        Behind(bootstrap, [space.topic("alerts")]) as broker,
        Client(bootstrap, space, delivery_timeout=WRITE_TIMEOUT) as client,
    ):
        service = Service(
            view=view,
            rules=Judgement(found.alerting.settings()),
            outbox=Inbox(client, now if space.replay else None),
            meters=meters,
            calendars=ConfiguredRota(found),
            link_key=link_key(found, environ),
            apply_seconds=found.api.apply_seconds,
            now=now,
            also_wanted=(broker.not_ready,),
        )
        following.start()
        try:
            yield Connected(service, access)
        finally:
            following.stop()


@contextmanager
def serving(bootstrap: str, space: Space, found: Configuration, environ: Mapping[str, str]) -> Iterator[Serving]:
    """The application, connected while the block runs. Raises ApiError, producers.errors.NotSent."""
    with connected(bootstrap, space, found, environ) as api:
        yield Serving(create_app(api.service, api.access, found.api), api.access.is_open)


def _clock(space: Space, view: View) -> Callable[[], datetime]:
    """Now as the space sees it: a replay space's clock follows its records, and must not be moved to today."""
    return lambda: (view.latest if space.replay else None) or datetime.now(UTC)


def link_key(found: Configuration, environ: Mapping[str, str]) -> str | None:
    """The key that links in notices are signed with; None where there are no links. Raises ApiError."""
    links = found.alerting.action_links
    if links is None:
        return None
    try:
        key = Secrets(environ, found.folder).either(links.key, links.key_file) or ""
    except SecretMissing as error:
        raise ApiError(f"alerting.action_links: {error}") from error
    if len(key) < SHORTEST_KEY:
        raise ApiError(f"alerting.action_links: a key of {SHORTEST_KEY} characters or more is wanted")
    return key


def tokens(found: Configuration, environ: Mapping[str, str]) -> Iterator[Token]:
    """Who may use the API. Raises ApiError."""
    secrets = Secrets(environ, found.folder)
    for token in found.api.tokens:
        try:
            digest = secrets.either(token.sha256, token.sha256_file) or ""
        except SecretMissing as error:
            raise ApiError(f"api.tokens: {token.name}: {error}") from error
        if not _SHA256.fullmatch(digest):
            raise ApiError(f"api.tokens: {token.name}: {token.sha256_file} does not hold a SHA-256 in hex")
        yield Token(token.name, frozenset(token.scopes), digest.lower())


def listen(host: str, port: int, is_open: bool) -> socket.socket:
    """The port, opened. Without tokens only this machine's own addresses are taken. Raises ApiError."""
    if is_open and not _is_loopback(host):
        raise ApiError(
            f"without tokens the API serves only this machine, not {host}: add api.tokens to the configuration "
            "(`backoffice token` makes one), or serve at 127.0.0.1"
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with ExitStack() as on_failure:
            opened = on_failure.enter_context(socket.socket(family, kind, protocol))
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
            opened.listen()  # who reads the address in the log may come at once
            on_failure.pop_all()
    except (OSError, OverflowError) as error:
        raise ApiError(f"the API's port, {host}:{port}, cannot be opened: {error}") from error
    return opened


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def server(app: FastAPI, lifespan: Literal["on", "off"] = "off") -> uvicorn.Server:
    """It logs no requests: the path of a link is the right to act."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",  # of live connections it would log the address, too
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=STOP_WITHIN,
            lifespan=lifespan,
        )
    )
