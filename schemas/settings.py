"""Settings: what rules may be told, as a value that travels on the log."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ConfigDict

from schemas.envelope import Frozen


class Settings(Frozen):
    """A processor's settings. Every field has a default; an unknown field is a mistake and refused."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def laid_over(cls, values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """What is given over other values, field by field. A class whose fields belong together says so here."""
        return {**values, **given}

    def excerpt(self, names: Collection[str]) -> dict[str, Any]:
        """The values of some settings, as JSON has them; names that there are none of are left out."""
        return self.model_dump(mode="json", include=set(names))
