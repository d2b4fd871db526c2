"""All metrics of all processes, as their code declares them: for the table of docs/operations.md, and for checks."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from backoffice import vitals
from backoffice.feeding import FeedMeters
from consumers.api.following import Following
from consumers.api.meters import Meters as ApiMeters
from consumers.api.view import View
from consumers.archive.meters import Meters as ArchiveMeters
from consumers.behind import Behind
from consumers.console.meters import Presence
from consumers.notify.meters import Meters as NotifierMeters
from processors.engine.progress import Progress
from schemas.topics import Space

OURS = "backoffice_"


class Described(NamedTuple):
    """One family of metrics. `name` is that of its samples in a query, `_total` and all, but without `_bucket`."""

    name: str
    type: str
    labels: tuple[str, ...]
    says: str


def registries() -> dict[str, CollectorRegistry]:
    """What each process registers, by its command. Nothing is connected."""
    progress = Progress()
    progress.lane("it", TopicPartition("backoffice.events.it", 0)).restored(0, {}, 0)
    notifier = NotifierMeters()
    notifier.watch({})
    notifier.registry.register(Behind("", [], "notifier", "backoffice.notifier"))
    api, view = ApiMeters(), View(1)
    api.watch(view, Following("", Space(), view))
    console = CollectorRegistry()
    console.register(Presence(lambda: 0, lambda: 0))
    found = {
        "worker": progress.meters.registry,
        "notifier": notifier.registry,
        "api": api.registry,
        "console": console,
        "archive": ArchiveMeters().registry,
        "import, simulate": FeedMeters().registry,
    }
    for process, registry in found.items():
        vitals.introduce(registry, process)
    return found


def described(registry: CollectorRegistry) -> list[Described]:
    """The families of a registry that are ours, by name; those without samples among them."""
    return sorted({one for collector in _collectors(registry) for one in _families(collector)})


def table(by_process: Mapping[str, CollectorRegistry]) -> str:
    """What an operator looks up, in Markdown."""
    processes: dict[Described, list[str]] = {}
    for process, registry in by_process.items():
        for one in described(registry):
            processes.setdefault(one, []).append(process)
    lines = ["| metric | type | labels | of | says |", "|---|---|---|---|---|"]
    for one, where in sorted(processes.items(), key=lambda item: (item[1], item[0])):
        labels = ", ".join(f"`{label}`" for label in one.labels)
        of = "all" if len(where) == len(by_process) else ", ".join(where)
        lines.append(f"| `{one.name}` | {one.type} | {labels} | {of} | {one.says} |")
    return "\n".join(lines) + "\n"


def _collectors(registry: CollectorRegistry) -> Iterable[Any]:
    """prometheus_client tells what collectors hold, but not which they are: a family without samples has no labels."""
    return list(registry._collector_to_names)


def _families(collector: Any) -> Iterator[Described]:
    labels = getattr(collector, "_labelnames", None)
    for family in collector.collect():
        if family.name.startswith(OURS):
            own = labels if labels is not None else getattr(family, "_labelnames", ())
            suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
            yield Described(f"{family.name}{suffix}", family.type, tuple(own), family.documentation)
