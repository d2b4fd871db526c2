"""`/api/v2/alerts`: the alerts there are, and alerts that other programs raise."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from consumers.api.access import may
from consumers.api.errors import Problem, Refusal
from consumers.api.ports import Said
from consumers.api.service import AnyTime, Service, Serving
from consumers.api.settings import Scope
from consumers.api.standing import Standing
from consumers.api.suppression import Suppression
from consumers.api.tokens import Caller
from consumers.api.v2 import wire
from consumers.api.v2.bodies import Body, PostableAlert, postable_alerts
from consumers.api.v2.filters import Wanted
from schemas.commands import AlertsPosted, PostedAlert

router = APIRouter()

MOST_ALERTS = 500
MOST_BYTES = 256 * 1024
"""How many alerts, and how many bytes of them, one record takes; the processor answers to others in between."""

MOST_LABEL_CHARACTERS = 16 * 1024
"""How long all labels of an alert, names and values, may be together. A notice tells them several times."""

LARGEST = 512 * 1024
"""The most bytes one alert may have: it is told of with its annotations, and a record takes a megabyte."""


@router.get("/alerts", dependencies=[Depends(may(Scope.READ))])
def get_alerts(request: Request, service: Serving) -> Response:
    """Every alert that fires, by fingerprint."""
    wanted = Wanted.read(request.query_params, service.rules)
    at = service.now()
    with service.view.reading() as standing:
        found = list(_shown(service, standing, wanted, at))
    return JSONResponse(sorted(found, key=lambda alert: str(alert["fingerprint"])))


def _shown(service: Service, standing: Standing, wanted: Wanted, at: datetime) -> Iterator[dict[str, Any]]:
    suppression = Suppression(standing, service.rules, at)
    for held in standing.matching(wanted.matchers):
        if not wire.lives(held.event, at):
            continue
        receivers = service.rules.routed_to(held.event.labels)
        status = suppression.of(held.event)
        if wanted.takes(status) and wanted.takes_receivers(receivers):
            yield wire.alert(held, status, receivers, at + service.rules.resolve_timeout)


@router.post("/alerts")
def post_alerts(body: Body, service: AnyTime, caller: Annotated[Caller, Depends(may(Scope.ALERTS_WRITE))]) -> Response:
    """Raises alerts, or says that they have ended. Those that are right are taken even where others are not."""
    at = service.now()
    posted: list[PostedAlert] = []
    problems: list[str] = []
    for alert in postable_alerts(body):
        if problem := alert.problem(MOST_LABEL_CHARACTERS):
            problems.append(problem)
            continue
        posted.append(_posted(alert, at, service))
    for status, count in _counts(posted, problems, at).items():
        service.meters.received.labels(status).inc(count)
    if said := [Said(AlertsPosted(alerts=part), f"sender/{caller.name}") for part in _parts(posted)]:
        service.outbox.write(said)
    if problems:
        raise Refusal("; ".join(problems))
    return Response(status_code=200)


def _posted(alert: PostableAlert, at: datetime, service: Service) -> PostedAlert:
    """As Alertmanager's `postAlertsHandler` completes it: an end that is not said is now and the resolve timeout."""
    return PostedAlert(
        labels=alert.labels,
        annotations=alert.annotations,
        starts_at=alert.starts_at or alert.ends_at or at,
        ends_at=alert.ends_at or at + service.rules.resolve_timeout,
        timeout=alert.ends_at is None,
        generator_url=alert.generator_url,
    )


def _counts(posted: Sequence[PostedAlert], problems: Sequence[str], at: datetime) -> dict[str, int]:
    firing = sum(alert.ends_at > at for alert in posted)
    return {"firing": firing, "resolved": len(posted) - firing, "invalid": len(problems)}


def _parts(posted: Sequence[PostedAlert]) -> Iterator[tuple[PostedAlert, ...]]:
    """In records of a size that a topic takes and that is soon worked through. Raises Problem, before any is sent."""
    part: list[PostedAlert] = []
    room = MOST_BYTES
    for alert in posted:
        size = len(alert.model_dump_json())
        if size > LARGEST:
            raise Problem(f"an alert of {size:,} bytes is more than the {LARGEST:,} bytes one may have", 413)
        if part and (size > room or len(part) == MOST_ALERTS):
            yield tuple(part)
            part, room = [], MOST_BYTES
        part.append(alert)
        room -= size
    if part:
        yield tuple(part)
