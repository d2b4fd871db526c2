"""What every request passes first: how large and how many they may be, who may ask, and headers of every answer."""

import time
from collections import OrderedDict
from collections.abc import Callable

from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consumers.api.errors import Problem

UNLIMITED = ("/healthz", "/readyz", "/metrics")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
BURST_SECONDS = 10
MOST_ADDRESSES = 10_000

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Buckets:
    """Token buckets by address. What was not heard of for longest is forgotten, and has a full bucket again."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._size = max(1.0, per_second * BURST_SECONDS)
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Takes one for an address; the seconds to wait where there is none, else 0."""
        now = self._clock()
        level, since = self._levels.pop(address, (self._size, now))
        level = min(self._size, level + (now - since) * self._rate)
        taken = level >= 1
        self._levels[address] = (level - taken, now)
        if len(self._levels) > MOST_ADDRESSES:
            self._levels.popitem(last=False)
        return 0.0 if taken else (1 - level) / self._rate


class Limits:
    """The outermost layer. `only_loopback`: requests that name another host are refused.

    That keeps web pages out: one of theirs can have its name lead to this machine, but not change the name it asks for.
    """

    def __init__(
        self, app: ASGIApp, *, buckets: Buckets, max_body_bytes: int, only_loopback: bool, refused: Counter
    ) -> None:
        self._app = app
        self._buckets = buckets
        self._max_body_bytes = max_body_bytes
        self._only_loopback = only_loopback
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send)
        if problem := self._refuse(scope):
            await problem.response()(scope, receive, guarded)
        else:
            await self._app(scope, self._counted(receive), guarded)

    def _refuse(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if self._only_loopback and _hostname(headers.get("host", "")) not in LOOPBACK:
            return self._count("host", Problem("without tokens, only http://localhost is served", 403))
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > self._max_body_bytes:
            return self._count("size", self._too_large())
        client = scope.get("client")
        if scope["path"] not in UNLIMITED and (wait := self._buckets.wait(client[0] if client else "")):
            return self._count("rate", _Slower(wait))
        return None

    def _count(self, why: str, problem: Problem) -> Problem:
        self._refused.labels(why).inc()
        return problem

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_body_bytes:
                raise self._count("size", self._too_large())
            return message

        return counting

    def _too_large(self) -> Problem:
        return Problem(f"a body may have {self._max_body_bytes:,} bytes; send it in parts", 413)


class _Slower(Problem):
    status = 429

    def __init__(self, wait: float) -> None:
        super().__init__("too many requests")
        self._wait = wait

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(max(1, round(self._wait)))}


def _hostname(host: str) -> str:
    """The Host header without its port."""
    name, bracket, _ = host.partition("]")
    return f"{name}]" if bracket else host.partition(":")[0]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
