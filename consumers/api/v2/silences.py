"""`/api/v2/silences` and `/api/v2/silence/{id}`."""

import re
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from consumers.api.access import may
from consumers.api.errors import Problem, Refusal
from consumers.api.ports import Rules, Said, operator
from consumers.api.service import Service, Serving, by_way_of
from consumers.api.settings import Scope
from consumers.api.standing import Held
from consumers.api.suppression import state
from consumers.api.tokens import Caller
from consumers.api.v2 import wire
from consumers.api.v2.bodies import Body, PostableSilence, postable_silence
from consumers.api.v2.filters import matchers
from schemas.alerts import Silence, SilenceMatcher
from schemas.commands import SilenceExpire, SilenceSet

router = APIRouter()

_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INVALID_TYPE = 601
"""go-openapi's code for a parameter of the wrong form."""

May = Annotated[Caller, Depends(may(Scope.SILENCES_WRITE))]


@router.get("/silences", dependencies=[Depends(may(Scope.READ))])
def get_silences(request: Request, service: Serving) -> Response:
    """Every silence that is remembered, or those that have certain matchers."""
    wanted = [(m.name, m.operator, m.value) for m in matchers(request.query_params.getlist("filter"), service.rules)]
    at = service.now()
    with service.view.reading() as standing:
        found = [held for held in standing.silences.values() if _has(held.event, wanted)]
    return JSONResponse([wire.silence(held, at) for held in wire.in_order(found, at)])


def _has(silence: Silence, wanted: list[tuple[str, str, str]]) -> bool:
    """Whether each matcher asked for is, to the letter, one of the silence's."""
    its = {(m.name, operator(m), m.value) for m in silence.matchers}
    return its.issuperset(wanted)


@router.get("/silence/{id}", dependencies=[Depends(may(Scope.READ))])
def get_silence(id: str, service: Serving) -> Response:
    """One silence."""
    return JSONResponse(wire.silence(_find(id, service), service.now()))


@router.delete("/silence/{id}")
def delete_silence(id: str, service: Serving, caller: May) -> Response:
    """Expires a silence. One that has expired stays as it is."""
    held = _find(id, service)
    if state(held.event, service.now()) != "expired":
        service.do([_expire(id, caller.name)], by_way_of(caller))
    return Response(status_code=200)


def _find(id: str, service: Service) -> Held[Silence]:
    """Raises Problem, Refusal."""
    if not _UUID.fullmatch(id):
        raise Problem(f'silenceID in path must be of type uuid: "{id}"', 422, _INVALID_TYPE)
    with service.view.reading() as standing:
        held = standing.silences.get(id)
    if held is None:
        raise Refusal("", 404)
    return held


def _expire(id: str, by: str) -> Said:
    return Said(SilenceExpire(by=by, silence=id), f"silence/{id}")


@router.post("/silences")
def post_silences(body: Body, service: Serving, caller: May) -> Response:
    """Makes a silence, or changes one: in place where that changes no history, else the old one expires."""
    posted = postable_silence(body)
    at = service.now()
    wanted = _checked(posted, caller, service.rules, at)
    with service.view.reading() as standing:
        held = standing.silences.get(posted.id)
    if posted.id and held is None:
        raise Refusal("silence not found", 404)
    commands: list[Said] = []
    if held is not None and _in_place(held.event, wanted, at):
        wanted = wanted.model_copy(update={"silence": held.event.silence})
    else:
        if held is not None and state(held.event, at) != "expired":
            commands.append(_expire(held.event.silence, wanted.by))
        wanted = wanted.model_copy(update={"starts_at": max(wanted.starts_at, at)})
    commands.append(Said(wanted, f"silence/{wanted.silence}"))
    service.do(commands, by_way_of(caller))
    return JSONResponse({"silenceID": wanted.silence})


def _checked(posted: PostableSilence, caller: Caller, rules: Rules, at: datetime) -> SilenceSet:
    """The silence that is wanted, as a new one. Raises Refusal, in Alertmanager's words and order."""
    zero = datetime.min.replace(tzinfo=at.tzinfo)
    starts_at, ends_at = posted.starts_at or zero, posted.ends_at or zero
    if starts_at >= ends_at:
        raise Refusal("Failed to create silence: start time must be before end time")
    if ends_at < at:
        raise Refusal("Failed to create silence: end time can't be in the past")
    ours = tuple(matcher.of_ours() if matcher.name else _no_name(i) for i, matcher in enumerate(posted.matchers))
    if all(_matches_empty(matcher, i, rules) for i, matcher in enumerate(ours)):
        raise Refusal("invalid silence: at least one matcher must not match the empty string")
    return SilenceSet(
        silence=str(uuid4()),
        matchers=ours,
        starts_at=posted.starts_at or at,
        ends_at=ends_at,
        by=posted.created_by or caller.name,
        comment=posted.comment,
    )


def _no_name(position: int) -> SilenceMatcher:
    raise Refusal(f'invalid silence: invalid label matcher {position}: invalid label name ""')


def _matches_empty(matcher: SilenceMatcher, position: int, rules: Rules) -> bool:
    """Whether an alert without the label matches; one that must not be or match something counts as if not."""
    try:
        holds = rules.silence_matcher(matcher).matches({})
    except ValueError as error:
        what = f'invalid regular expression "{matcher.value}": error parsing regexp: {error}'
        raise Refusal(f"invalid silence: invalid label matcher {position}: {what}") from error
    return holds and matcher.is_equal


def _in_place(silence: Silence, wanted: SilenceSet, at: datetime) -> bool:
    """Alertmanager's `canUpdate`: whether the change leaves what was silenced in the past as it was."""
    if silence.matchers != wanted.matchers:
        return False
    match state(silence, at):
        case "active":
            return int(wanted.starts_at.timestamp()) == int(silence.starts_at.timestamp()) and wanted.ends_at >= at
        case "pending":
            return wanted.starts_at >= at
    return False
