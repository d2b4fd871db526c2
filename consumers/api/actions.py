"""`/act/<token>`: what a link in a mail or a chat leads to.

Looking at it changes nothing, because programs that look into mails follow links, too: the page asks, its form acts.
Who has the link may do this one thing, until it ends; no other login is asked for.
"""

import hashlib
from datetime import timedelta
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from consumers.api.commands import find, over
from consumers.api.errors import Problem
from consumers.api.pages import Facts, confirm, page
from consumers.api.ports import NotWritten, Said
from consumers.api.service import Service, Serving
from consumers.links import Action, BadLink, Claim, verify
from schemas.alerts import Alert, Group
from schemas.commands import AlertAcknowledge, AlertCommand, AlertResolve, AlertSnooze, AlertUnacknowledge

router = APIRouter(prefix="/act", include_in_schema=False)

BUTTONS: dict[Action, str] = {
    "acknowledge": "Acknowledge",
    "unacknowledge": "Give back",
    "resolve": "Resolve",
    "snooze": "Snooze",
}
DONE: dict[Action, str] = {
    "acknowledge": "You have it now. It climbs no further.",
    "unacknowledge": "Nobody has it any more. It climbs again.",
    "resolve": "It counts as over until its condition has ended and begun again.",
    "snooze": "Nobody is told of it until then.",
}
SNOOZES = ((60, "1 hour"), (240, "4 hours"), (480, "8 hours"), (1440, "1 day"))
"""In minutes."""


@router.get("/{token}")
def ask(token: str, service: Serving) -> Response:
    """Shows what it is about, and asks."""
    try:
        claim = _claim(token, service)
    except BadLink as error:
        return page("This link does not work", str(error), status=410)
    what = _find(claim, service)
    if what is None or over(what):
        return _over(what)
    choices = SNOOZES if claim.action == "snooze" else ()
    title = f"{BUTTONS[claim.action]}: {_summary(what)}"
    return page(title, "Nothing has been done yet.", _facts(what, claim), confirm(BUTTONS[claim.action], choices))


@router.post("/{token}")
async def act(token: str, request: Request, service: Serving) -> Response:
    """Does it."""
    form = parse_qs((await request.body())[:1_000].decode(errors="replace"))
    return await run_in_threadpool(_act, token, form.get("minutes", [""])[0], service)


def _act(token: str, minutes: str, service: Service) -> Response:
    try:
        claim = _claim(token, service)
        command = _command(claim, minutes, service)
    except BadLink as error:
        return page("This link does not work", str(error), status=410)
    what = _find(claim, service)
    if what is None or over(what):
        return _over(what)
    # Pressed twice, or sent again by a browser, it is one command: the id says so.
    id = "link-" + hashlib.sha256(f"{token} {minutes}".encode()).hexdigest()[:32]
    try:
        service.do([Said(command, claim.subject, id)], "link in a notice")
    except NotWritten:
        return page("Not done", "It could not be put on record. Please try again in a moment.", status=503)
    return page(f"Done: {BUTTONS[claim.action].lower()}", DONE[claim.action], _facts(what, claim))


def _claim(token: str, service: Service) -> Claim:
    """Raises BadLink."""
    if service.link_key is None:
        raise BadLink("There are no links here: the configuration has no alerting.action_links.")
    return verify(service.link_key, token, service.now())


def _command(claim: Claim, minutes: str, service: Service) -> AlertCommand:
    """Raises BadLink for a choice that the page does not offer."""
    match claim.action:
        case "acknowledge":
            return AlertAcknowledge(by=claim.by)
        case "unacknowledge":
            return AlertUnacknowledge(by=claim.by)
        case "resolve":
            return AlertResolve(by=claim.by)
        case "snooze":
            if minutes not in {str(offered) for offered, _ in SNOOZES}:
                raise BadLink("Choose for how long.")
            return AlertSnooze(by=claim.by, until=service.now() + timedelta(minutes=int(minutes)))


def _find(claim: Claim, service: Service) -> Alert | Group | None:
    with service.view.reading() as standing:
        try:
            return find(claim.subject, standing)
        except Problem:
            return None


def _over(what: Alert | Group | None) -> Response:
    return page("It is over", "There is nothing left to do.", _facts(what) if what else (), status=409)


def _summary(what: Alert | Group) -> str:
    if isinstance(what, Alert):
        return what.annotations.get("summary") or what.labels.get("alertname", what.rule)
    return f"{what.firing} alert{'s' if what.firing != 1 else ''} for {what.receiver}"


def _facts(what: Alert | Group, claim: Claim | None = None) -> Facts:
    """What the page says of it: no more than a notice does."""
    by = (("Acting as", claim.by), ("Link ends", f"{claim.expires:%Y-%m-%d %H:%M} UTC")) if claim else ()
    if isinstance(what, Group):
        labels = ", ".join(f"{name}={value}" for name, value in sorted(what.labels.items()))
        return [("Alerts", labels), ("Told so far", ", ".join(what.told)), *by]
    return [
        ("Alert", what.labels.get("alertname", what.rule)),
        ("Severity", what.labels.get("severity", "")),
        ("About", what.subject),
        ("Since", f"{what.starts_at:%Y-%m-%d %H:%M} UTC"),
        ("Taken by", what.acknowledged_by or ""),
        *by,
    ]
