"""`/api/v2/alerts/groups`: the alerts that are told together."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from consumers.api.access import may
from consumers.api.service import Service, Serving
from consumers.api.settings import Scope
from consumers.api.standing import Held, Standing
from consumers.api.suppression import Suppression
from consumers.api.v2 import wire
from consumers.api.v2.filters import Wanted
from schemas.alerts import Group

router = APIRouter()


@router.get("/alerts/groups", dependencies=[Depends(may(Scope.READ))])
def get_groups(request: Request, service: Serving) -> Response:
    """Every group that has an alert to show, by labels and receiver."""
    wanted = Wanted.read(request.query_params, service.rules)
    at = service.now()
    with service.view.reading() as standing:
        chosen = {held.event.fingerprint for held in standing.matching(wanted.matchers)}
        suppression = Suppression(standing, service.rules, at)
        found = [
            shown
            for held in sorted(standing.groups.values(), key=_place)
            if wanted.takes_receivers([held.event.receiver])
            for shown in _shown(service, standing, suppression, wanted, chosen, held.event, at)
        ]
    return JSONResponse(found)


def _shown(
    service: Service,
    standing: Standing,
    suppression: Suppression,
    wanted: Wanted,
    chosen: set[str],
    group: Group,
    at: datetime,
) -> Iterator[dict[str, Any]]:
    """The group with its alerts; nothing when none of them is wanted."""
    muted_by = service.rules.muted_by(group, at)
    if muted_by and not wanted.muted:
        return
    alerts = []
    for held in standing.in_group(group.group):
        if held.event.fingerprint not in chosen or not wire.lives(held.event, at):
            continue
        if not wanted.takes(suppression.of(held.event)):
            continue
        receivers = service.rules.routed_to(held.event.labels)
        status = suppression.of(held.event, muted_by)
        alerts.append(wire.alert(held, status, receivers, at + service.rules.resolve_timeout))
    if alerts:
        yield {"alerts": alerts, "labels": group.labels, "receiver": {"name": group.receiver}}


def _place(held: Held[Group]) -> tuple[list[tuple[str, str]], str, str]:
    return sorted(held.event.labels.items()), held.event.receiver, held.event.group
