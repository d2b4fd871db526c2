"""The question what would have been, and its answer: two worlds folded from the log of a space, and compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from backoffice.what_if.difference import Difference, Window, compare
from backoffice.what_if.episodes import Episode, Identity, Signal, episodes
from backoffice.what_if.folding import Folded, Job
from backoffice.what_if.sayings import Lane
from backoffice.what_if.space import ALERTING, Cut, cuts, folded_by, partitions, said_to_alerting, sizes
from backoffice.what_if.world import Changed, FoldAll, Line, World, against_each_other, against_the_record
from consumers.log import BEGINNING
from consumers.partition import Partitions
from processors.causing import Cause
from processors.instants import LAST
from processors.processor import Processor
from processors.store import from_ms, to_ms
from schemas.topics import Space

Against = Literal["settings", "recorded"]
"""What the changed world is held against: the rules installed here under the settings on the log, or what rules have
said at the time."""


class Unanswerable(Exception):
    """The log cannot answer the question; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """`begin`, `end`: None for all there is. `now`: until when time has passed in a live space."""

    space: Space
    now: datetime
    begin: datetime | None = None
    end: datetime | None = None
    changed: Changed | None = None
    against: Against = "settings"
    rules: tuple[str, ...] = ()
    """Only alerts of these; empty: of all."""

    @property
    def window(self) -> Window:
        last = LAST if self.space.replay else self.now
        return Window(self.begin or BEGINNING, min(self.end or last, last))


@dataclass(frozen=True, slots=True)
class Answer:
    """`records`: how many were folded, again and again counted. `cuts`: where the log does not go back to its
    beginning, so that what rests on it is missing in both worlds."""

    difference: Difference
    records: int
    cuts: tuple[Cut, ...]


def ask(
    question: Question,
    processors: Iterable[Processor],
    log: Partitions,
    fold: FoldAll,
    folder: Path,
    on_round: Callable[[int], None] = lambda records: None,
) -> Answer:
    """`folder`: for what lanes say to one another; `on_round` hears how many records are to be folded now.

    Raises Unanswerable, DoNotFit, Unsettled, consumers.log.Unreachable.
    """
    folded = folded_by(processors, log, question.space)
    _known(question, folded)
    counts = partitions(folded, log, question.space)
    cut = _cuts(question, [*counts, *([ALERTING] if question.against == "recorded" else [])], log)
    window = question.window
    line = Line(folded, counts, question.space.replay, to_ms(window.end), folder)
    announced = _announced(fold, sizes(line.lanes, log, question.space), on_round)
    if question.against == "recorded":
        before = after = against_the_record(line, question.changed or {}, announced)
    else:
        before, after = against_each_other(line, question.changed or {}, announced)
    recorded = list(said_to_alerting(log, question.space))
    told = _episodes(_said(before, recorded, question.against), question.rules)
    difference = compare(told, _episodes(_said(after, recorded), question.rules), window)
    _not_empty(question, before, difference)
    records = before.records + (0 if after is before else after.records)
    return Answer(difference, records, tuple(cut))


def _said(world: World, recorded: Iterable[tuple[Cause, Signal]], against: Against = "settings") -> Iterator[Signal]:
    """What is said to alerting in a world; `against` the record, what is recorded of the lanes that were folded."""
    for cause, signal in recorded:
        folded = world.folded.get(Lane(cause.processor, cause.partition))
        if folded is None or (against == "recorded" and folded.covers(cause.offset)):
            yield signal
    if against == "settings":
        yield from world.signals()


def _announced(fold: FoldAll, sizes: Mapping[Lane, int], on_round: Callable[[int], None]) -> FoldAll:
    """Lanes folded the longest first, after it was said how much that is."""

    def folding(jobs: list[Job]) -> Iterable[Folded]:
        on_round(sum(sizes[job.lane] for job in jobs))
        return fold(sorted(jobs, key=lambda job: -sizes[job.lane]))

    return folding


def _episodes(signals: Iterator[Signal], rules: tuple[str, ...]) -> Mapping[Identity, list[Episode]]:
    return episodes(signal for signal in signals if not rules or signal.identity.rule in rules)


def _known(question: Question, folded: tuple[Processor, ...]) -> None:
    there = [p.name for p in folded]
    if absent := sorted(set(question.changed or ()) - set(there)):
        raise Unanswerable(
            f"Space {question.space.name} has no inbox of {', '.join(absent)}, whose settings are changed; "
            f"it has those of {', '.join(there) or 'nobody'}."
        )


def _cuts(question: Question, topics: Iterable[str], log: Partitions) -> list[Cut]:
    """Where the log has lost its beginning. Raises Unanswerable when that is within what is asked for."""
    found = cuts(topics, log, question.space)
    begin = question.begin
    if begin is not None and (lost := [cut for cut in found if cut.since is None or cut.since > begin]):
        raise Unanswerable(
            f"The log does not go back to {begin:%Y-%m-%d %H:%M:%S} UTC: {'; '.join(map(str, lost))}. "
            "What retention has removed cannot be folded; let --from be later."
        )
    return found


def _not_empty(question: Question, world: World, difference: Difference) -> None:
    """Raises Unanswerable where nothing at all was on the log, which answers no question."""
    window = question.window
    times = [folded.times for folded in world.folded.values() if folded.times is not None]
    if difference.before or difference.after or any(_meets(window, *map(from_ms, span)) for span in times):
        return
    if not times:
        before = f" from before {question.end:%Y-%m-%d %H:%M:%S} UTC" if question.end else ""
        raise Unanswerable(f"The inboxes concerned of space {question.space.name} hold nothing{before}.")
    first, last = from_ms(min(least for least, _ in times)), from_ms(max(most for _, most in times))
    raise Unanswerable(
        f"Nothing is on the log in the interval asked for. That of space {question.space.name} goes from "
        f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC."
    )


def _meets(window: Window, first: datetime, last: datetime) -> bool:
    return first < window.end and last >= window.begin
