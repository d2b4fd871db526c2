"""What is worked out of settings, once: a step is given the same object until the settings change."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from processors.alerting.settings import AlertingSettings

T = TypeVar("T")

KEPT = 8
"""For so many settings, those asked for last: spaces and tests have some beside one another."""


def once(make: Callable[[AlertingSettings], T]) -> Callable[[AlertingSettings], T]:
    """The same function, that does not work twice for the same settings. They are compared by identity: reading all
    of them to compare would cost more than most events do."""
    known: list[tuple[AlertingSettings, T]] = []

    @wraps(make)
    def of(settings: AlertingSettings) -> T:
        for given, made in known:
            if given is settings:
                return made
        made = make(settings)
        known.insert(0, (settings, made))
        del known[KEPT:]
        return made

    return of
