"""The console put together: its parts, the users the configuration names, and the application it is served with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI

from backoffice.config import Configuration
from backoffice.dead_letters import dealing
from backoffice.looking import by_outbox, look_up
from backoffice.opening import Opening
from backoffice.registry import departments, event_types, inboxes
from backoffice.reporting import reports
from backoffice.rota import ConfiguredRota
from backoffice.rulebook import Registered
from backoffice.serving import ApiError, connected
from backoffice.system import System
from backoffice.trying import Asking
from consumers.api.app import create_app
from consumers.api.service import Service
from consumers.console.app import add_console
from consumers.console.board import board
from consumers.console.desk import Desk, Step
from consumers.console.live import Live
from consumers.console.meters import Presence
from consumers.console.pulse import Pulse
from consumers.console.settings import ConsoleSettings
from consumers.console.signing_in.openid import Provider
from consumers.console.signing_in.passwords import hashed, is_hash, new_password
from consumers.console.signing_in.people import Person, Role
from consumers.console.signing_in.routes import Door
from consumers.console.signing_in.sessions import Sessions
from consumers.console.signing_in.users import User, Users
from consumers.console.stories import Stories
from consumers.console.system import Sampler
from consumers.log import BEGINNING
from consumers.notify.secrets import SecretMissing, Secrets
from consumers.streams.topics import Streams
from consumers.verdicts import Verdicts
from processors.alerting.settings import AlertingSettings
from schemas.topics import Space

STORIES_GO_BACK = timedelta(days=7)
"""How far back the log is read for what happened to alerts."""

FIRST_USER = "admin"
"""Who signs in where the configuration names nobody."""


@dataclass(frozen=True, slots=True)
class Console:
    """What is served. `password`: the one made for this run, where the configuration names nobody."""

    app: FastAPI
    is_open: bool
    password: str | None


@contextmanager
def serving_console(
    bootstrap: str, space: Space, found: Configuration, environ: Mapping[str, str]
) -> Iterator[Console]:
    """The API with the console, connected while the block runs. Raises ApiError, producers.errors.NotSent."""
    door, password = door_of(found, environ)
    with (
        connected(bootstrap, space, found, environ) as api,
        _desk(bootstrap, space, found, api.service, door, environ) as desk,
    ):
        app = create_app(api.service, api.access, found.api)
        add_console(app, desk, door)
        yield Console(app, api.access.is_open, password)


@contextmanager
def _desk(
    bootstrap: str, space: Space, found: Configuration, service: Service, door: Door, environ: Mapping[str, str]
) -> Iterator[Desk]:
    names = [department.name for department in departments()]
    ours = {name: inbox for name, inbox in inboxes().items() if name in names}
    live = Live(lambda: board(service, names), door.sessions)
    service.view.listen(live.changed)
    service.meters.registry.register(Presence(lambda: live.open_pages, lambda: door.sessions.count))
    since = BEGINNING if space.replay else service.now() - STORIES_GO_BACK
    pulse = Pulse(bootstrap, space, ours, live.changed)
    stories = Stories(bootstrap, space, since, live.changed)
    record = by_outbox(service.outbox)
    archive = Opening(found, space, environ)
    verdicts = Verdicts(bootstrap, space, live.changed)
    system = System(bootstrap, space, inboxes(), found.console.worker_metrics)
    pulse.start()
    stories.start()
    verdicts.start()
    try:
        yield Desk(
            space=space.name,
            url=door.url,
            service=service,
            sessions=door.sessions,
            live=live,
            pulse=pulse,
            stories=stories,
            climbing=_Climbing(found.alerting.settings(found.calendar)),
            rota=ConfiguredRota(found),
            rulebook=Registered(found),
            verdicts=verdicts,
            trying=Asking(bootstrap, space),
            sampler=Sampler(system.snapshot),
            record=record,
            inboxes=ours,
            streams=Streams(bootstrap, space, event_types(), inboxes()),
            letters=dealing(bootstrap, space),
            look_up=look_up(bootstrap, space, record, archive),
            may_see=found.lookup.may_see,
            reports=reports(found, archive),
        )
    finally:
        archive.close()
        pulse.stop()
        stories.stop()
        verdicts.stop()


class _Climbing:
    def __init__(self, settings: AlertingSettings) -> None:
        self._policies = {policy.name: policy for policy in settings.escalation_policies}

    def steps(self, policy: str) -> Sequence[Step]:
        found = self._policies.get(policy)
        if found is None:
            return ()
        once = [Step(step.targets, timedelta(minutes=step.delay_minutes)) for step in found.steps]
        return once * (1 + found.repeat)


def door_of(found: Configuration, environ: Mapping[str, str]) -> tuple[Door, str | None]:
    """How people come in, and the password made for this run, where one was. Raises ApiError."""
    settings = found.console
    secrets = Secrets(environ, found.folder)
    password = None
    users = list(_users(settings, secrets))
    if not users and settings.openid is None:
        password = new_password()
        users = [User(Person(FIRST_USER, Role.ADMINISTRATOR), hashed(password))]
    sessions = Sessions(settings.idle_minutes * 60, settings.session_hours * 3600)
    return Door(sessions=sessions, users=Users(users), openid=_openid(settings, secrets), url=settings.url), password


def _users(settings: ConsoleSettings, secrets: Secrets) -> Iterator[User]:
    for user in settings.users:
        try:
            hash = secrets.either(user.password, user.password_file) or ""
        except SecretMissing as error:
            raise ApiError(f"console.users: {user.name}: {error}") from error
        if not is_hash(hash):
            raise ApiError(f"console.users: {user.name}: no argon2id hash (`backoffice password` makes one)")
        yield User(Person(user.name, user.role), hash)


def _openid(settings: ConsoleSettings, secrets: Secrets) -> Provider | None:
    if settings.openid is None:
        return None
    try:
        secret = secrets.either(settings.openid.client_secret, settings.openid.client_secret_file)
    except SecretMissing as error:
        raise ApiError(f"console.openid: {error}") from error
    return Provider(settings.openid, secret)
