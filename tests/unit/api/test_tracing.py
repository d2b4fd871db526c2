"""A request's trace goes on in what it puts on the log, in the thread that answers it and in no other."""

from collections.abc import Sequence

import pytest
from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from consumers.api.ports import Said
from producers import tracing
from tests.unit.api.served import Served

GIVEN = f"00-{'a' * 32}-{'1' * 16}-01"


class Traced(Served):
    """What the log's client would find to be the current trace, for each write."""

    def write(self, said: Sequence[Said]) -> Sequence[int]:
        self.traces = [*getattr(self, "traces", []), tracing.current()]
        return super().write(said)


def posted(served: Served, **headers: str) -> None:
    answer = served.post("/api/v2/alerts", [{"labels": {"alertname": "disk"}}], headers=headers)
    assert answer.status_code == 200


def test_what_a_request_puts_on_the_log_is_in_its_trace() -> None:
    served = Traced()
    posted(served, traceparent=GIVEN)
    posted(served)
    posted(served, traceparent="00-nonsense")
    assert served.traces == [GIVEN, None, None]


def test_a_span_that_is_open_already_is_left_to_be() -> None:
    span = NonRecordingSpan(SpanContext(0xB, 0x2, is_remote=False, trace_flags=TraceFlags(1)))
    token = context.attach(trace.set_span_in_context(span))
    try:
        served = Traced()
        posted(served, traceparent=GIVEN)
    finally:
        context.detach(token)
    assert served.traces == [f"00-{0xB:032x}-{0x2:016x}-01"]


def test_a_new_trace_begins_only_where_none_is() -> None:
    assert tracing.current() is None
    first, second = tracing.current_or_new(), tracing.current_or_new()
    assert first != second
    assert first.startswith("00-")
    assert first.endswith("-01")
    span = NonRecordingSpan(SpanContext(0xB, 0x2, is_remote=True, trace_flags=TraceFlags(0)))
    token = context.attach(trace.set_span_in_context(span))
    try:
        assert tracing.current_or_new() == tracing.current() == f"00-{0xB:032x}-{0x2:016x}-00"
    finally:
        context.detach(token)


@pytest.mark.parametrize("wrong", ["", "x", f"ff{GIVEN[2:]}"])
def test_what_is_no_context_is_none(wrong: str) -> None:
    served = Traced()
    posted(served, traceparent=wrong)
    assert served.traces == [None]
