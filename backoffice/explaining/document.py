"""An alert's story as one JSON object, for programs."""

import json
from typing import Any

from backoffice.explaining.case import Case, Step
from backoffice.explaining.verdict import Verdict
from processors.store import from_ms
from schemas.alerts import Alert
from schemas.envelope import Evidence

Elsewhere = list[tuple[Evidence, str]]
"""Evidence that reached the rule through a fact, and the type of event that stands there."""


def document(alert: Alert, case: Case, verdict: Verdict, elsewhere: Elsewhere, begins: int) -> dict[str, Any]:
    """`log_begins`: the first offset that the lane's log still has; 0: nothing of it is gone."""
    return {
        "alert": alert.model_dump(mode="json"),
        "processor": case.processor.name,
        "log_begins": begins,
        "facts_of": [{**_place(named), "type": type_} for named, type_ in elsewhere],
        "steps": [_step(step) for step in case.steps()],
        "rule": _rule(case),
        "verdict": {
            "from_history": verdict.from_history,
            "from_evidence": verdict.from_evidence,
            "measured": verdict.measured,
            "needless": [_place(named) for named in verdict.needless],
        },
        "exit_code": verdict.code,
    }


def _place(named: Evidence) -> dict[str, Any]:
    return {"topic": named.topic, "partition": named.partition, "offset": named.offset, "id": named.id}


def _step(step: Step) -> dict[str, Any]:
    record, event = step.record, step.event
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": from_ms(record.timestamp).isoformat(),
        "type": event.type if event is not None else None,
        "event": json.loads(event.model_dump_json(exclude_defaults=True)) if event is not None else None,
        "evidence": step.evidence,
        "changed": [{"what": what, "before": before, "after": after} for what, before, after in step.changed],
    }


def _rule(case: Case) -> dict[str, Any] | None:
    """None: it is not among those installed here."""
    rule = next((rule for rule in case.processor.rules if rule.name == case.signal.rule), None)
    if rule is None:
        return None
    return {
        "name": rule.name,
        "version": rule.version,
        "fires": rule.fires,
        "resolves": rule.resolves,
        "measure": rule.measure or None,
        "settings": case.signal.settings,
    }
