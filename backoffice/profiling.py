"""A profile of a running command: where its main thread, which is the worker's event loop, spends its time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyinstrument import Profiler
from pyinstrument.renderers import ConsoleRenderer, HTMLRenderer, PstatsRenderer, Renderer, SpeedscopeRenderer
from pyinstrument.session import Session

log = logging.getLogger(__name__)

INTERVAL = 0.002
"""Seconds between two samples: fine enough for a batch, and few enough to leave the engine its speed."""

SUMMARY_LINES = 30

_RENDERERS: dict[str, type[Renderer]] = {
    ".html": HTMLRenderer,  # opens in any browser
    ".json": SpeedscopeRenderer,  # for https://www.speedscope.app
    ".pstats": PstatsRenderer,  # for `python -m pstats` and snakeviz
    ".txt": ConsoleRenderer,
}


class ProfileError(Exception):
    """No profile can be written to that file; the text says why."""


@contextmanager
def profiled(file: Path) -> Iterator[None]:
    """Samples this thread while the block runs, then writes the profile; its ending says how. Logs a summary.

    Raises ProfileError at once, not after hours of running.
    """
    renderer = _RENDERERS.get(file.suffix)
    if renderer is None:
        raise ProfileError(f"{file}: a profile ends in one of {', '.join(_RENDERERS)}")
    try:
        file.open("ab").close()
    except OSError as error:
        raise ProfileError(f"{file}: the profile cannot be written there: {error.strerror}") from error
    profiler = Profiler(interval=INTERVAL, async_mode="disabled")  # the whole loop, its waits among it
    profiler.start()
    try:
        yield
    finally:
        session = profiler.stop()
        file.write_text(renderer().render(session), encoding="utf-8", errors="surrogateescape")
        log.info("profile in %s; where the time went:\n%s", file, summary(session))


def summary(session: Session) -> str:
    """The functions that took most time themselves, on one screen."""
    text = ConsoleRenderer(flat=True, color=False, unicode=True, flat_time="self").render(session)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n".join(lines[:SUMMARY_LINES])
