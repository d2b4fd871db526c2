"""`/api/v1`: what people decide about an alert, or about all that fire in a group, and how these stand."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from consumers.api.access import may
from consumers.api.errors import Problem
from consumers.api.ports import Said
from consumers.api.service import Service, Serving, by_way_of
from consumers.api.settings import Scope
from consumers.api.standing import Standing
from consumers.api.tokens import Caller
from consumers.api.v2.bodies import Body
from schemas.alerts import Alert, Group
from schemas.codec import explain
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertCommand,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertUnacknowledge,
)

router = APIRouter(prefix="/api/v1")

COMMANDS: dict[str, type[AlertCommand]] = {
    "acknowledge": AlertAcknowledge,
    "unacknowledge": AlertUnacknowledge,
    "assign": AlertAssign,
    "resolve": AlertResolve,
    "snooze": AlertSnooze,
    "note": AlertNote,
    "merge": AlertMerge,
}

LATE_TOO = (AlertNote, AlertMerge)
"""What may be said of an alert that is over."""

Key = Annotated[str | None, Header(alias="idempotency-key", max_length=200)]
Wait = Annotated[str | None, Query(pattern="^applied$")]


def find(subject: str, standing: Standing) -> Alert | Group:
    """What a command is about. Raises Problem when there is no such thing."""
    kind, _, id = subject.partition("/")
    held = standing.alerts.get(id) if kind == "alert" else standing.groups.get(id)
    if held is None:
        raise Problem(f"there is no {kind} {id!r}", 404)
    return held.event


def over(what: Alert | Group) -> bool:
    """Whether nothing of it fires any more."""
    return what.status != "firing" if isinstance(what, Alert) else not what.firing


@router.get("/alerts/{id}", dependencies=[Depends(may(Scope.READ))])
def get_alert(id: str, service: Serving) -> Response:
    """An alert, with everything known of it."""
    return _shown(f"alert/{id}", service)


@router.get("/groups/{id}", dependencies=[Depends(may(Scope.READ))])
def get_group(id: str, service: Serving) -> Response:
    """A group, and how far it has climbed."""
    return _shown(f"group/{id}", service)


def _shown(subject: str, service: Service) -> Response:
    with service.view.reading() as standing:
        return Response(find(subject, standing).model_dump_json(), media_type="application/json")


def _endpoint(kind: str, command: type[AlertCommand]) -> Callable[..., Response]:
    def endpoint(
        id: str,
        body: Body,
        service: Serving,
        caller: Annotated[Caller, Depends(may(Scope.ACT))],
        key: Key = None,
        wait: Wait = None,
    ) -> Response:
        subject = f"{kind}/{id}"
        said = _read(command, body, caller, service)
        with service.view.reading() as standing:
            if over(find(subject, standing)) and not isinstance(said, LATE_TOO):
                raise Problem(
                    f"{kind} {id} is resolved: there is nothing left to {command.type.rpartition('.')[2]}", 409
                )
        event_id = key and _event_id(caller, subject, command, key, body)
        effect = None if wait else lambda offset: False
        given = service.do([Said(said, subject, event_id)], by_way_of(caller), effect)
        answer = {"command": command.type, "subject": subject, "by": said.by, **given._asdict()}
        return JSONResponse(answer, 200 if given.applied else 202)

    endpoint.__doc__ = command.__doc__
    return endpoint


for _verb, _command in COMMANDS.items():
    for _kind, _many in (("alert", "alerts"), ("group", "groups")):
        router.add_api_route(
            f"/{_many}/{{id}}/{_verb}", _endpoint(_kind, _command), methods=["POST"], name=f"{_verb} {_kind}"
        )


def _read(command: type[AlertCommand], body: bytes, caller: Caller, service: Service) -> AlertCommand:
    """The command that a body says: its fields, `by`, and `for_minutes` in place of `until`. Raises Problem."""
    try:
        given: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Problem(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise Problem("the body is to be a JSON object")
    if "until" in command.model_fields and (minutes := given.pop("for_minutes", None)) is not None:
        given["until"] = _until(minutes, service)
    if caller.known:
        given = {"by": caller.name, **given}
    try:
        return command.model_validate(given, extra="forbid")
    except ValidationError as error:
        raise Problem(explain(error), 422) from error


def _until(minutes: object, service: Service) -> str:
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes <= MOST_MINUTES:
        raise Problem(f"for_minutes: a number of minutes is wanted, more than 0 and at most {MOST_MINUTES:,}", 422)
    return (service.now() + timedelta(minutes=minutes)).isoformat()


MOST_MINUTES = 60 * 24 * 365
"""A year."""


def _event_id(caller: Caller, subject: str, command: type[AlertCommand], key: str, body: bytes) -> str:
    """The same for the same request under the same key, so that one sent twice is done once."""
    said = "\x00".join((caller.name, subject, command.type, key)).encode()
    return "api-" + hashlib.sha256(said + b"\x00" + body).hexdigest()[:32]
