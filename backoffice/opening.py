"""The archive as a program that lasts reads it: opened when it is first wanted, because it may be made later."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from backoffice.archiving import reading
from backoffice.config import Configuration
from consumers.archive.reading import Archive
from schemas.topics import Space


@dataclass
class Opening:
    """Any thread may use it."""

    found: Configuration
    space: Space
    environ: Mapping[str, str]
    _archive: Archive | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> Archive:
        """Raises NotOpened, Away; it is tried again the next time."""
        with self._lock:
            if self._archive is None:
                self._archive = reading(self.found, self.space, self.environ)
            return self._archive

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """For a query of one's own. Raises NotOpened, Away."""
        with self().connection() as connection:
            yield connection

    def close(self) -> None:
        with self._lock:
            if self._archive is not None:
                self._archive.close()
                self._archive = None
