"""Changed settings laid over those on the log."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backoffice.explaining.case import tells_settings
from processors.processor import Processor
from processors.records import Record
from schemas.codec import explain
from schemas.settings import Settings


class DoNotFit(Exception):
    """Changed settings cannot hold together with those on the log; the message says why."""


def laid_over(model: type[Settings], told: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they travel, with the changed ones in their place: field by field, and so within a group."""
    laid = model.laid_over(told, changed)
    for name, value in changed.items():
        group = model.model_fields[name].annotation if name in model.model_fields else None
        before = told.get(name)
        if isinstance(group, type) and issubclass(group, Settings) and isinstance(before, Mapping):
            laid[name] = group.laid_over(before, value)
    return laid


def checked(processor: Processor, told: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """As `laid_over`. Raises DoNotFit."""
    laid = laid_over(processor.settings, told, changed)
    try:
        processor.settings.model_validate_json(json.dumps(laid))
    except ValidationError as error:
        raise DoNotFit(
            f"The changed settings of {processor.name} do not go with those on the log: {explain(error)}"
        ) from error
    return laid


def retold(record: Record, processor: Processor, changed: Mapping[str, Any]) -> Record:
    """A record that tells the processor its settings, telling it those with the changes. Raises DoNotFit."""
    if not tells_settings(record):
        return record
    try:
        said = json.loads(record.value or b"")
        told = said["data"]["settings"]
        if said["data"]["processor"] != processor.name:
            return record
        processor.settings.model_validate_json(json.dumps(told))
    except (ValueError, KeyError, TypeError):  # a dead letter: the settings of before go on
        return record
    said["data"]["settings"] = checked(processor, told, changed)
    return record._replace(value=json.dumps(said, ensure_ascii=False).encode())
