"""Signing in and out: the requests that need no session, or end one."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, TimestampSigner

from consumers.console.signing_in.addresses import local, same_origin
from consumers.console.signing_in.failures import Failures
from consumers.console.signing_in.guard import COOKIE, SESSION, SIGN_IN
from consumers.console.signing_in.openid import NotSignedIn, Provider
from consumers.console.signing_in.page import FORM_FIELD, sign_in_page
from consumers.console.signing_in.people import Person
from consumers.console.signing_in.sessions import Session, Sessions
from consumers.console.signing_in.users import Users

FORM_COOKIE = "backoffice_form"
STATE_COOKIE = "backoffice_openid"
FORM_LASTS = 3600
"""Seconds that a sign-in page may lie open."""

WRONG = "That user and password are not known here."
TOO_OFTEN = "Too many attempts. Please try again in a quarter of an hour."
STALE = "This page had grown old. Please sign in again."
LARGEST_FORM = 10_000

router = APIRouter()


def _signer() -> TimestampSigner:
    return TimestampSigner(secrets.token_bytes(32), salt="backoffice.form", digest_method=hashlib.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How people come in. `url`: the address that they see, where a proxy stands before us."""

    sessions: Sessions
    users: Users
    openid: Provider | None = None
    url: str | None = None
    failures: Failures = field(default_factory=Failures)
    forms: TimestampSigner = field(default_factory=_signer)

    def is_secure(self, request: Request) -> bool:
        """Whether cookies may say that they are only for https."""
        return (self.url or str(request.base_url)).startswith("https:")


def add_door(app: FastAPI, door: Door) -> None:
    """The routes by which people sign in and out."""
    app.state.door = door
    app.include_router(router)


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


def _base(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


@router.get(SIGN_IN)
def ask(request: Request) -> Response:
    """The page that asks who they are."""
    next = local(request.query_params.get("next"))
    if request.scope.get(SESSION) is not None:
        return RedirectResponse(_base(request) + next, 303)
    return _asked(request, next)


def _asked(request: Request, next: str, wrong: str = "", status: int = 200) -> Response:
    """The form carries, signed, what a cookie of this browser says: no other site's page can send it."""
    door = _door(request)
    about = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    token = door.forms.sign(about).decode()
    page = sign_in_page(
        _base(request), token, next, wrong=wrong, local=bool(door.users), openid=door.openid is not None, status=status
    )
    _set(page, request, FORM_COOKIE, about, FORM_LASTS, "strict")
    return page


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Looks at user and password. The answer is the same for a user that is not known."""
    door, form = _door(request), await _form(request)
    next, user = local(form.get("next")), form.get("user", "")
    if not _is_ours(request, form):
        return _asked(request, next, STALE, 403)
    address = request.client.host if request.client else ""
    if door.failures.wait(user, address):
        return _asked(request, next, TOO_OFTEN, 429)
    door.failures.failed(user, address)  # until it turns out to be right: those that come at once count, too
    person = await run_in_threadpool(door.users.check, user, form.get("password", ""))
    if person is None:
        return _asked(request, next, WRONG, 401)
    door.failures.succeeded(user, address)
    return _come_in(request, person, next)


def _is_ours(request: Request, form: Mapping[str, str]) -> bool:
    cookie = request.cookies.get(FORM_COOKIE, "")
    if "origin" in request.headers and not same_origin(request.headers, _door(request).url):
        return False
    try:
        said = _door(request).forms.unsign(form.get(FORM_FIELD, ""), max_age=FORM_LASTS).decode()
    except BadSignature:
        return False
    return bool(cookie) and compare_digest(said.encode(), cookie.encode())


def _come_in(request: Request, person: Person, next: str) -> Response:
    """A new session each time, whatever the browser had before."""
    sessions = _door(request).sessions
    if (old := request.scope.get(SESSION)) is not None:
        sessions.close(old)
    answer = RedirectResponse(_base(request) + next, 303)
    _set(answer, request, COOKIE, sessions.open(person), int(sessions.longest), "lax")
    answer.delete_cookie(FORM_COOKIE, path=_base(request) or "/")
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Ends the session, here and not only in the browser."""
    session: Session | None = request.scope.get(SESSION)
    form = await _form(request)
    if session is not None:
        if not compare_digest(form.get(FORM_FIELD, "").encode(), session.form_token.encode()):
            return Response("this form is not of this session", 403)
        _door(request).sessions.close(session)
    answer = RedirectResponse(_base(request) + SIGN_IN, 303)
    answer.delete_cookie(COOKIE, path=_base(request) or "/")
    return answer


@router.get("/openid/begin")
async def openid_begin(request: Request) -> Response:
    """Leads to the provider."""
    door, next = _door(request), local(request.query_params.get("next"))
    if door.openid is None:
        return RedirectResponse(_base(request) + SIGN_IN, 303)
    try:
        there, state = await door.openid.begin(_back(request), next)
    except NotSignedIn as error:
        return _asked(request, next, str(error), 502)
    answer = RedirectResponse(there, 303)
    _set(answer, request, STATE_COOKIE, state, 600, "lax")
    return answer


@router.get("/openid/back")
async def openid_back(request: Request) -> Response:
    """They come back from the provider; only the browser that was sent there may."""
    door, said = _door(request), request.query_params
    state = said.get("state", "")
    mine = request.cookies.get(STATE_COOKIE, "")
    if door.openid is None or not state or not compare_digest(state.encode(), mine.encode()):
        return _asked(request, "/", STALE, 403)
    if "code" not in said:
        return _asked(request, "/", f"The provider did not sign you in: {said.get('error', 'no code')}.", 403)
    try:
        person, next = await door.openid.finish(state, said["code"])
    except NotSignedIn as error:
        return _asked(request, "/", str(error), 403)
    answer = _come_in(request, person, next)
    answer.delete_cookie(STATE_COOKIE, path=_base(request) or "/")
    return answer


def _back(request: Request) -> str:
    origin = _door(request).url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{origin}{quote(_base(request))}/openid/back"


def _set(answer: Response, request: Request, name: str, value: str, seconds: int, same_site: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=_base(request) or "/",
        httponly=True,
        secure=_door(request).is_secure(request),
        samesite="strict" if same_site == "strict" else "lax",
    )


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; of a body that is larger than any of ours, none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
