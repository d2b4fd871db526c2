"""What every process of ours does at its start: logs in one format, and an eye on its supervisor."""

import contextlib
import logging
import os
import signal
import threading
from types import FrameType

import psutil

from backoffice.supervisor import SUPERVISED_BY

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

CHATTY = ("kafka", "aiokafka", "faust", "mode", "httpx", "httpcore", "processors.engine.faust_overrides")
"""Libraries whose information is of use only when they are what one is looking for."""

NEVER_INFORMATIVE = ("httpx",)
"""It logs addresses, which may contain passwords."""


def set_up(verbose: bool = False) -> None:
    """Logs to standard error; ends this process soon after its supervisor, if it has one."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, format=FORMAT)
    for name in CHATTY:
        informs = verbose and name not in NEVER_INFORMATIVE
        logging.getLogger(name).setLevel(logging.INFO if informs else logging.WARNING)
    logging.getLogger("aiokafka.consumer.group_coordinator").setLevel(logging.ERROR)
    if supervisor := os.environ.get(SUPERVISED_BY):
        threading.Thread(target=_end_with, args=(int(supervisor),), name="supervisor watch", daemon=True).start()


def _end_with(supervisor: int) -> None:
    """A supervisor that was killed cannot stop its children; they notice."""
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(supervisor).wait()
    logging.getLogger(__name__).warning("the supervisor has ended; ending too")
    os.kill(os.getpid(), signal.SIGTERM)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


def end_on_sigterm() -> None:
    """Until somebody else listens for it, SIGTERM ends this process at once and in good order: nothing is in hand."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
