"""The trace that a request belongs to goes on in what it puts on the log (W3C Trace Context)."""

from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.tracing import HEADER

_PROPAGATOR = TraceContextTextMapPropagator()


class Tracing:
    """An ASGI layer: the sender's context is OpenTelemetry's current one while a request is answered.

    Where the program has been instrumented, a span of its own is open already, and is left to be.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if said is None or trace.get_current_span().get_span_context().is_valid:
            await self._app(scope, receive, send)
            return
        token = context.attach(_PROPAGATOR.extract({HEADER: said}))
        try:
            await self._app(scope, receive, send)
        finally:
            context.detach(token)
