"""Regular expressions as Alertmanager's: RE2's syntax, in time linear in the value, whoever wrote the expression.

Python's own could be made to run for years by a silence, and mean something else by `\\d` and `(?i)`.
"""

from functools import lru_cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def check(expression: str) -> None:
    """Raises ValueError when it is none."""
    _compiled(expression)


def covers(expression: str, value: str) -> bool:
    """Whether it matches the whole value."""
    return _compiled(expression).search(value) is not None


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> Any:
    whole = f"^(?:{expression})$"
    try:
        return re2.compile(whole, options=_OPTIONS)
    except re2.error as error:
        why = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        why = why.removesuffix(f": {whole}")
        raise ValueError(f"the regular expression {expression!r} is not valid: {why}") from error
