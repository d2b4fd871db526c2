"""Whether somebody works: members of the groups, how long records have waited, dead letters that nobody looked at."""

from collections.abc import Iterator

from backoffice.doctor.finding import Finding, error, warning, well
from backoffice.doctor.patient import SECONDS, Patient
from backoffice.lag import by_reader, lags
from backoffice.members import members
from backoffice.registry import inboxes
from consumers.dead_letters.box import LetterBox

LATE = 10.0
STALE = 60.0
"""Seconds that the oldest record may have waited: the second is the stall time after which a worker ends itself."""


def workers(patient: Patient) -> Iterator[Finding]:
    """Whether workers and a notifier run in the space."""
    run = f"`backoffice run --space {patient.space.name}`"
    found = [member.does for member in members(patient.answering, patient.space, timeout=SECONDS)]
    working, notifying = found.count("worker"), found.count("notifier")
    if working:
        yield well(f"{working} worker{'' if working == 1 else 's'} of space {patient.space.name}")
    else:
        yield warning(f"no worker runs in space {patient.space.name}: nothing is processed", f"{run} starts all.")
    if notifying:
        yield well(f"{notifying} notifier{'' if notifying == 1 else 's'}")
    elif not patient.space.replay:
        yield warning("no notifier runs: nobody is told", f"{run} starts all, `backoffice notifier` that alone.")


def dead_letters(patient: Patient) -> Iterator[Finding]:
    """Whether there are records that could not be read or applied, and that nobody has dealt with."""
    box = LetterBox(patient.answering, patient.space)
    alike, unread = box.look(lambda standing: (standing.alike(), standing.unread))
    if not alike:
        yield well("no dead letter is open")
        return
    count = sum(each.count for each in alike) + unread
    most = alike[0]
    yield warning(
        f"{count:,} dead letter{'' if count == 1 else 's'} open, most of them ({most.count:,}) from "
        f"{most.reason.topic}: {most.reason.exception.rpartition('.')[2]}: {most.reason.pattern}",
        "`backoffice dlq list --by-reason` shows why; `backoffice dlq redrive` sends them again, `discard` lays aside.",
    )


def lag(patient: Patient) -> Iterator[Finding]:
    """Whether records wait for long. In a replay space they bring their own time, so only their number is said."""
    found = lags(patient.answering, patient.space, inboxes())
    waiting = False
    for reader, parts in by_reader(found):
        left = sum(part.records for part in parts)
        if not left:
            continue
        waiting = True
        waits = max((part.seconds(patient.now()) or 0.0 for part in parts), default=0.0)
        yield behind(reader, left, None if patient.space.replay else waits)
    if not waiting:
        yield well("nobody is behind")


def behind(reader: str, left: int, seconds: float | None) -> Finding:
    """What it means that a reader has so many records left, the oldest of which has waited so long."""
    if seconds is None:
        return warning(f"{reader} has {left:,} records left", "Wait until the feed is through, or start a worker.")
    said = f"{reader} has {left:,} records left, the oldest for {seconds:,.0f} s"
    mend = "Start a worker, or more of them: `backoffice worker`; `backoffice lag --watch` shows whether it gets less."
    if seconds >= STALE:
        return error(said, mend)
    return warning(said, mend) if seconds >= LATE else well(said)
