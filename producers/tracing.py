"""The trace that an event belongs to when it leaves: that of the span that is open, or a new one.

OpenTelemetry's API alone is used. Where the program around us has its SDK, or has been instrumented by an agent, the
span in which an event is sent is the one that all that follows from it hangs on; where it has neither there is none.
"""

import secrets

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.tracing import HEADER

_PROPAGATOR = TraceContextTextMapPropagator()


def current() -> str | None:
    """The context of OpenTelemetry's current span, which may be another process's; None where none is open."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get(HEADER)


def current_or_new() -> str:
    """The same, or else a trace that begins here. It is marked as sampled: somebody wants to follow it."""
    return current() or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
