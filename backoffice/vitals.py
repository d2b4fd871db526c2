"""What every process of ours tells of itself: what it is, what it is made of, and what it takes of the machine."""

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Info, ProcessCollector, disable_created_metrics

LIBRARIES = {
    "worker": ("faust-streaming", "aiokafka"),
    "notifier": ("aiokafka", "kafka-python"),
    "api": ("kafka-python", "fastapi"),
    "archive": ("kafka-python", "sqlalchemy"),
    "import": ("kafka-python",),
    "simulate": ("kafka-python",),
}
"""What the build of a process names besides our own version and Python's: what an upgrade may break."""


def introduce(registry: CollectorRegistry, process: str) -> CollectorRegistry:
    """The registry, in which the process is said to be one of ours. `process`: its command, `worker` or `notifier`."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of use to nobody
    ProcessCollector(registry=registry)
    libraries = {name.replace("-", "_"): version(name) for name in LIBRARIES.get(process, ())}
    build = Info("backoffice_build", "What runs here.", registry=registry)
    build.info({"process": process, "version": version("backoffice"), "python": platform.python_version(), **libraries})
    return registry
