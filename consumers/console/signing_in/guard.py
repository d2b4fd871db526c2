"""What every request to the console passes: a session, an origin, and the headers of every answer."""

import re
import secrets
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consumers.console.signing_in.addresses import same_origin
from consumers.console.signing_in.sessions import Session, Sessions

COOKIE = "backoffice_session"
SIGN_IN = "/sign-in"
OPEN = (SIGN_IN, "/openid/begin", "/openid/back", "/favicon.ico")
"""What needs no session."""

SESSION = "backoffice.session"
"""Under which a request's scope holds its session."""

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_SCRIPT = re.compile(rb"<script(?=[\s>])")


def policy(nonce: str) -> str:
    """What a page may load: only what is ours. Vue compiles templates in the browser, which is `unsafe-eval`; Quasar
    and the charts set styles. Scripts within the page have to know the nonce, so that none can be brought in."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


class Guard:
    """An ASGI layer. `url`: the address that people see, see `ConsoleSettings.url`."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions, url: str | None) -> None:
        self._app = app
        self._sessions = sessions
        self._url = url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        session = self._sessions.find(HTTPConnection(scope).cookies.get(COOKIE))
        scope[SESSION] = session
        if scope["type"] == "websocket":
            await self._socket(session, scope, receive, send)
            return
        path = path_of(scope)
        guarded = _Answer(send)
        if session is None and path not in OPEN:
            await _refuse(scope, receive, guarded, path)
        elif path.startswith("/_nicegui_ws") and not same_origin(Headers(scope=scope), self._url):
            await PlainTextResponse("another site's page asks", 403)(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)

    async def _socket(self, session: Session | None, scope: Scope, receive: Receive, send: Send) -> None:
        """A page's live connection: of somebody who is signed in, and from our own page."""
        if session is not None and same_origin(Headers(scope=scope), self._url):
            await self._app(scope, receive, send)
            return
        await receive()  # the opening
        await send({"type": "websocket.close", "code": 4401, "reason": "not signed in"})


async def _refuse(scope: Scope, receive: Receive, send: Send, path: str) -> None:
    headers = Headers(scope=scope)
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        wanted = quote(path + (f"?{query}" if query else ""), safe="")
        back = f"?next={wanted}" if wanted != "%2F" else ""
        answer: ASGIApp = RedirectResponse(f"{scope.get('root_path', '')}{SIGN_IN}{back}", 303)
    else:
        answer = PlainTextResponse("sign in first", 401)
    await answer(scope, receive, send)


def path_of(scope: Scope) -> str:
    """The path below the console's own."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


class _Answer:
    """Sends an answer with its headers; a page gets its nonce, and is held back for that until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("content-type", "").startswith("text/html") and "content-security-policy" not in headers:
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body.append(message.get("body", b""))
            if message.get("more_body"):
                return
            await self._page()
            return
        await self._send(message)

    async def _page(self) -> None:
        assert self._start is not None
        nonce = secrets.token_urlsafe(16)
        body = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), b"".join(self._body))
        headers = MutableHeaders(scope=self._start)
        headers["Content-Security-Policy"] = policy(nonce)
        headers["Content-Length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})
