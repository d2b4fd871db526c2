"""Structured logs: one JSON object per line, for machines that collect them; text stays what a person reads.

The standard library's logging carries the fields (`extra=`): libraries' own records come out the same way,
and nothing has to be configured twice.
"""

import json
import logging
from datetime import UTC, datetime
from enum import StrEnum

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

ENVIRONMENT = "BACKOFFICE_LOG_FORMAT"

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; all else came with `extra=`."""

_OURS = ("time", "level", "logger", "message", "exception", "stack")


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


class JsonFormatter(logging.Formatter):
    """`time` (RFC 3339, UTC), `level`, `logger`, `message`, then the fields of the record, then `exception`.

    A field that JSON has no form for is written as text: a log line is never lost for its fields.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line[f"{name}_" if name in _OURS else name] = _plain(value)
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        text = json.dumps(line, ensure_ascii=False)
        return text.encode(errors="backslashreplace").decode()  # what UTF-8 has no form for, JSON's escapes have


def _plain(value: object) -> object:
    """The value as JSON can hold it, or its text."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return str(value)


def write_as(format: LogFormat) -> None:
    """From now on the process's log lines have this format, wherever they go."""
    formatter = JsonFormatter() if format is LogFormat.JSON else logging.Formatter(TEXT)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)
