"""Templates tried out on notices such as will come, before somebody has to be told with them."""

import traceback
from datetime import UTC, datetime, timedelta

from consumers.links import Link
from consumers.notify.templates import BadTemplate, Template
from schemas.envelope import About
from schemas.notices import Notice, NoticeAlert

_BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
_ABOUT = About("0-1-2", "backoffice", "receiver/accounting-clerk", _BEGAN)
_INVOICE = NoticeAlert(
    fingerprint="ba18c9f2a1f2e3d4",
    status="firing",
    labels={
        "alertname": "accounting.duplicate_invoice",
        "department": "accounting",
        "severity": "error",
        "subject": "vendor/acme",
        "invoice": "INV-7",
    },
    annotations={"summary": "Invoice INV-7 of acme came twice"},
    starts_at=_BEGAN,
)
_ENDED = _INVOICE.model_copy(update={"status": "resolved", "ends_at": _BEGAN + timedelta(hours=2)})
_POSTED = NoticeAlert(fingerprint="0ad9c9f2a1f2e3d4", status="firing", labels={"job": "node"}, starts_at=_BEGAN)
_LINKS = (Link("Acknowledge", "https://backoffice.example.com/act/x"),)


def tried(source: str, *, html: bool = False) -> str:
    """A template's source that works for an alert of ours, for one that has ended, and for one that another program
    posted with next to no labels. Raises BadTemplate, which says the line."""
    template = Template(source, html=html)
    for notice in examples():
        try:
            template.render(notice, _LINKS)
        except Exception as error:
            raise BadTemplate(_line(error), str(error)) from error
    return source


def examples() -> tuple[Notice, ...]:
    """Notices as different as they come."""
    return (_notice(_INVOICE, _ENDED), _notice(_ENDED), _notice(_POSTED))


def _notice(*alerts: NoticeAlert) -> Notice:
    first = alerts[0]
    said = Notice(
        receiver="accounting-clerk",
        reason="first notification" if first.status == "firing" else "all alerts resolved",
        status=first.status,
        group="04c6a1ffe29b6d10",
        group_key="{}:{}",
        alerts=alerts,
        common_labels=first.labels,
        common_annotations=first.annotations,
        summary=first.annotations.get("summary", "an alert"),
    )
    said.with_about(_ABOUT)
    return said


def _line(error: Exception) -> int:
    """The line of the template on which it went wrong."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return next((line for line in reversed(lines) if line), 1)
