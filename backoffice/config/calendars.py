"""Calendars: a department works when the organisation does, unless its own calendar says otherwise."""

from typing import Any

from pydantic import ValidationError

from processors.calendar import CalendarSettings
from schemas.settings import Settings


def with_calendar(values: Any, organisation: Any, settings: type[Settings]) -> Any:
    """A department's settings as written, with what its calendar inherits field by field.

    A calendar of the organisation that is wrong in itself is said once, where it stands, and inherited by nobody.
    """
    field = settings.model_fields.get("calendar")
    if field is None or field.annotation is not CalendarSettings or not organisation or not isinstance(values, dict):
        return values
    own = values.get("calendar")
    own = {} if own is None else own
    if not isinstance(own, dict) or not _is_right(organisation):
        return values
    return {**values, "calendar": CalendarSettings.laid_over(organisation, own)}


def _is_right(calendar: Any) -> bool:
    try:
        CalendarSettings.model_validate(calendar)
    except ValidationError:
        return False
    return True
