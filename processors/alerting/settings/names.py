"""Names of receivers, policies and schedules; durations as Prometheus writes them."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A policy's or schedule's name. It becomes part of file names."""

ReceiverName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A receiver's name: any text in one line, as Alertmanager has it. It is part of a Kafka key, `receiver/<name>`."""

_UNITS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}
_PATTERN = r"^(0|(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$"


def duration(text: str) -> timedelta:
    """`1h30m`: numbers with y (365 days), w, d, h, m, s, ms, in this order, each at most once; or 0. Raises ValueError.

    As Prometheus' `model.ParseDuration`.
    """
    if not text or not re.match(_PATTERN, text):
        raise ValueError(f"{text!r} is not a duration; write such as 30s, 5m or 1h30m")
    try:
        spans = (timedelta(seconds=int(n) * _UNITS[unit]) for n, unit in re.findall(r"(\d+)(ms|[ywdhms])", text))
        return sum(spans, timedelta())
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long") from error


def duration_text(value: timedelta) -> str:
    """The shortest text that `duration` reads as this, in whole milliseconds."""
    left = round(value.total_seconds() * 1000)
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        size = round(_UNITS[unit] * 1000)
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return "".join(parts) or "0s"


def _read(value: Any) -> Any:
    return duration(value) if isinstance(value, str) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["30s", "5m", "1h30m"]}),
]
"""A span of time, `1h30m` outside."""
