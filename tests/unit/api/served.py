"""The API over an office in memory: alerting itself applies what it puts on the log, and what that says is shown."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import httpx

from backoffice.judging import Judgement
from consumers import oncall
from consumers.api.app import create_app
from consumers.api.meters import Meters
from consumers.api.ports import Calendars, NotWritten, Said
from consumers.api.service import Service
from consumers.api.settings import ApiSettings, Scope
from consumers.api.tokens import Access, Token
from consumers.api.view import Told, View
from processors.alerting import alerting
from processors.alerting.settings import AlertingSettings
from schemas.alerts import Alert, Group, Silence
from schemas.audit import ActionRecorded
from schemas.codec import Decoder
from schemas.commands import AlertsPosted, Command
from schemas.envelope import About, Event
from tests.office import START, Office, When

DECODER = Decoder((Alert, Group, Silence, *oncall.TYPES.values()))
KEY = "a key of forty characters, or nearly that"


class Served:
    """`Served().receives(fires()).get("/api/v2/alerts").json()`."""

    def __init__(
        self,
        *,
        tokens: Iterable[Token] = (),
        settings: dict[str, Any] | None = None,
        api: dict[str, Any] | None = None,
        read: bool = True,
        link_key: str | None = KEY,
        calendars: Calendars | None = None,
    ) -> None:
        self.office = Office(processors=[alerting], settings={"alerting": settings} if settings else None)
        self.said: list[Said] = []
        self.log_is_away = False
        self.view = View(1_000)
        self._shown = 0
        self.service = Service(
            view=self.view,
            rules=Judgement(AlertingSettings.model_validate(settings or {})),
            outbox=self,
            meters=Meters(),
            calendars=calendars,
            link_key=link_key,
            apply_seconds=0,
            now=lambda: self.office.now,
        )
        if read:
            self.view.begins([])
        self.app = create_app(self.service, Access(tokens), ApiSettings.model_validate(api or {}))

    # The log

    def write(self, said: Sequence[Said]) -> Sequence[int]:
        if self.log_is_away:
            raise NotWritten("no Kafka broker answered")
        self.said += said
        offsets = []
        for one in said:
            self.office.receives((one.subject, one.event), id=one.id)
            offsets.append(sum(output.topic == one.event.topic for output in self.office.records[one.event.topic]) - 1)
        self._show()
        return offsets

    def receives(self, *said: tuple[str, Event]) -> "Served":
        """Something happens in the office."""
        self.office.receives(*said)
        self._show()
        return self

    def shows(self, *events: Event) -> "Served":
        """Alerts, groups and silences as alerting might have written them."""
        told = []
        for event in events:
            about = About("0-0-0", "/tests", _subject(event), self.office.now)
            told.append(Told(about.subject.encode(), event.with_about(about), self.office.now))
        self.view.follows(told)
        return self

    def at(self, when: When) -> "Served":
        self.office.at(when)
        self._show()
        return self

    def later(self, **span: float) -> "Served":
        return self.at(self.office.now + timedelta(**span))

    def _show(self) -> None:
        written = self.office.records["alerts"]
        self.view.follows(
            Told(output.key, DECODER.decode(output.value, output.headers) if output.value else None, output.at)
            for output in written[self._shown :]
        )
        self._shown = len(written)

    @property
    def commands(self) -> list[Command]:
        return [one.event for one in self.said if isinstance(one.event, Command)]

    @property
    def audited(self) -> list[tuple[str, ActionRecorded]]:
        """Who did what."""
        return [(one.subject, one.event) for one in self.said if isinstance(one.event, ActionRecorded)]

    @property
    def posted(self) -> list[tuple[str, AlertsPosted]]:
        return [(one.subject, one.event) for one in self.said if isinstance(one.event, AlertsPosted)]

    # Requests

    def ask(self, method: str, path: str, *, host: str = "localhost", **request: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                return await client.request(method, path, **request)

        return asyncio.run(asked())

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("GET", path, **request)

    def post(self, path: str, body: object = None, **request: Any) -> httpx.Response:
        if body is not None:
            request |= {
                "content": json.dumps(body),
                "headers": {"content-type": "application/json", **request.get("headers", {})},
            }
        return self.ask("POST", path, **request)

    def alerts(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.get(f"/api/v2/alerts{query}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found


def _subject(event: Event) -> str:
    match event:
        case Alert():
            return f"alert/{event.fingerprint}"
        case Group():
            return f"group/{event.group}"
        case Silence():
            return f"silence/{event.silence}"
    raise TypeError(event)


def token(name: str, *scopes: Scope) -> Token:
    """A token that is its name."""
    return Token(name, frozenset(scopes or Scope), hashlib.sha256(name.encode()).hexdigest())


def bearer(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


def an_alert(fingerprint: str = "a" * 16, **changes: Any) -> Alert:
    """An alert as it stands on the topic."""
    labels = {"alertname": "it.outage", "department": "it", "severity": "critical", "subject": "service/vpn"}
    said = {
        "status": "firing",
        "rule": "it.outage",
        "subject": "service/vpn",
        "annotations": {"summary": "vpn is down"},
    }
    return Alert.model_validate({"fingerprint": fingerprint, "labels": labels, "starts_at": START, **said, **changes})


def a_group(group: str = "b" * 16, **changes: Any) -> Group:
    return Group.model_validate({"group": group, "key": "{}:{}", "receiver": "it-clerk", "firing": 1, **changes})


def a_silence(id: str = "f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11", **changes: Any) -> Silence:
    said = {
        "silence": id,
        "matchers": [{"name": "alertname", "value": "it.outage"}],
        "starts_at": START,
        "ends_at": START + timedelta(hours=2),
        "created_by": "dana",
        "comment": "maintenance",
        "updated_at": START,
    }
    return Silence.model_validate({**said, **changes})
