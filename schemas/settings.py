"""Settings: what rules may be told, as a value that travels on the log."""

from pydantic import ConfigDict

from schemas.envelope import Frozen


class Settings(Frozen):
    """A processor's settings. Every field has a default; an unknown field is a mistake and refused."""

    model_config = ConfigDict(extra="forbid")
