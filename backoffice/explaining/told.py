"""An alert's story as JSON has it."""

import json
from typing import Any

from backoffice.explaining.case import Case, Step
from processors.records import Record
from processors.store import from_ms
from schemas.alerts import Alert
from schemas.envelope import Evidence


def as_json(alert: Alert, case: Case, begins: int) -> dict[str, Any]:
    """Everything that is known of it. `begins`: where what is left of its processor's inbox begins; 0: all is there."""
    signal = case.signal
    again = case.from_history()
    return {
        "fingerprint": alert.fingerprint,
        "rule": signal.rule,
        "subject": alert.subject,
        "summary": signal.summary,
        "severity": signal.severity,
        "starts_at": alert.starts_at,
        "ends_at": alert.ends_at,
        "due": signal.due,
        "processor": case.processor.name,
        "settings": signal.settings,
        "evidence": [_place(named) for named in case.evidence],
        "steps": [_step(step) for step in case.steps()],
        "inbox_begins": begins,
        "derived_from_history": again,
        "derived_from_evidence": again and case.from_evidence(),
        "needless": [_place(named) for named in case.needless()] if again and case.from_evidence() else [],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "place": _place(step.record),
        "at": from_ms(step.record.timestamp),
        "type": None if step.event is None else step.event.type,
        "data": None if step.event is None else step.event.model_dump(mode="json", exclude_defaults=True),
        "evidence": step.evidence,
        "changed": [
            {"what": name, "before": _value(before), "after": _value(after)} for name, before, after in step.changed
        ],
    }


def _value(text: str) -> Any:
    """What a change is shown as: JSON as a rule, or a word."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _place(of: Record | Evidence) -> str:
    return f"{of.topic}/{of.partition}@{of.offset}"
