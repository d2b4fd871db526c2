"""Where a broker of ours keeps its things: one folder per broker, and the jars that all of them share."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs


def user_data() -> Path:
    """The program's folder in the user's data directory; BACKOFFICE_HOME names another."""
    override = os.environ.get("BACKOFFICE_HOME")
    return Path(override).expanduser() if override else platformdirs.user_data_path("backoffice")


@dataclass(frozen=True, slots=True)
class BrokerHome:
    """One broker's folder. Two homes are two brokers that know nothing of each other."""

    path: Path = field(default_factory=lambda: user_data() / "broker")
    jars: Path = field(default_factory=lambda: user_data() / "jars")

    def __post_init__(self) -> None:
        # The broker outlives the directory it was started from.
        object.__setattr__(self, "path", self.path.absolute())
        object.__setattr__(self, "jars", self.jars.absolute())

    @property
    def state(self) -> Path:
        """The broker that was started and not yet stopped, as `state.py` writes it."""
        return self.path / "running.json"

    @property
    def previous(self) -> Path:
        """The one that was stopped last: where the data of this home are."""
        return self.path / "stopped.json"

    @property
    def identity(self) -> Path:
        """The ports and the cluster id, chosen once."""
        return self.path / "identity.json"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def properties(self) -> Path:
        return self.path / "server.properties"

    @property
    def log(self) -> Path:
        return self.path / "logs" / "broker.log"

    @property
    def console(self) -> Path:
        """What the Java machine itself says, which is all there is when it cannot start."""
        return self.path / "logs" / "console.log"

    @property
    def container(self) -> str:
        """The name of this home's container, and of the volume with its data."""
        digest = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()
        return f"backoffice-kafka-{digest[:10]}"
