"""Secrets of channels: read from the environment or a file when a channel is opened, never before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECRET_IN_SETTINGS = "x-secret"
"""Marks a field, in its JSON Schema, whose value is shown to nobody."""

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SecretMissing(Exception):
    """A secret is not where the configuration says."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where secrets come from: the environment, and files relative to `folder`."""

    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()

    def text(self, value: str) -> str:
        """A value with each `${NAME}` replaced. Raises SecretMissing."""

        def variable(found: re.Match[str]) -> str:
            try:
                return self.environ[found[1]]
            except KeyError:
                raise SecretMissing(
                    f"the environment variable {found[1]} is not set (set it for the notifier)"
                ) from None

        return _PLACEHOLDER.sub(variable, value)

    def file(self, name: str) -> str:
        """What a file holds, without surrounding blanks. Raises SecretMissing."""
        path = self.folder / name
        try:
            content = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(f"{path}: cannot be read: {error} (create the file, or let us read it)") from error
        if not content:
            raise SecretMissing(f"{path}: is empty (write the secret into it)")
        return content

    def path(self, name: str) -> str:
        """Where a file is that somebody else will read. Raises SecretMissing when it is not there."""
        self.file(name)
        return str(self.folder / name)

    def either(self, value: str | None, file: str | None) -> str | None:
        """The secret given in one of two ways; None when it is given in neither. Raises SecretMissing."""
        if value is not None:
            return self.text(value)
        return None if file is None else self.file(file)


def placeholders(value: str) -> list[str]:
    """The names of the environment variables that a value refers to."""
    return _PLACEHOLDER.findall(value)
