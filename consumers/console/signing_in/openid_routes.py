"""Signing in with an OpenID provider: the way there, and the way back."""

from hmac import compare_digest
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from consumers.console.signing_in.addresses import local
from consumers.console.signing_in.guard import SIGN_IN
from consumers.console.signing_in.openid import NotSignedIn
from consumers.console.signing_in.routes import STALE, asked, base_of, come_in, door_of, set_cookie

STATE_COOKIE = "backoffice_openid"

router = APIRouter()


@router.get("/openid/begin")
async def openid_begin(request: Request) -> Response:
    """Leads to the provider."""
    door, next = door_of(request), local(request.query_params.get("next"))
    if door.openid is None:
        return RedirectResponse(base_of(request) + SIGN_IN, 303)
    try:
        there, state = await door.openid.begin(_back(request), next)
    except NotSignedIn as error:
        return asked(request, next, str(error), 502)
    answer = RedirectResponse(there, 303)
    set_cookie(answer, request, STATE_COOKIE, state, 600, "lax")
    return answer


@router.get("/openid/back")
async def openid_back(request: Request) -> Response:
    """They come back from the provider; only the browser that was sent there may."""
    door, said = door_of(request), request.query_params
    state = said.get("state", "")
    mine = request.cookies.get(STATE_COOKIE, "")
    if door.openid is None or not state or not compare_digest(state.encode(), mine.encode()):
        return asked(request, "/", STALE, 403)
    if "code" not in said:
        return asked(request, "/", f"The provider did not sign you in: {said.get('error', 'no code')}.", 403)
    try:
        person, next = await door.openid.finish(state, said["code"])
    except NotSignedIn as error:
        return asked(request, "/", str(error), 403)
    answer = come_in(request, person, next)
    answer.delete_cookie(STATE_COOKIE, path=base_of(request) or "/")
    return answer


def _back(request: Request) -> str:
    origin = door_of(request).url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{origin}{quote(base_of(request))}/openid/back"
