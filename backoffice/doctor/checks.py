"""Every check, in the order in which its trouble explains that of the next."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kafka.errors import KafkaError

from backoffice.doctor import channels, cluster, machine, progress, settings
from backoffice.doctor.finding import Finding, Severity, error
from backoffice.doctor.patient import Patient
from consumers.log import Unreachable
from infra.topics import TopicsError
from producers.errors import NotSent

Look = Callable[[Patient], Iterator[Finding]]


class Check(NamedTuple):
    name: str
    look: Look
    needs_broker: bool = False


CHECKS: Sequence[Check] = (
    Check("configuration", settings.configuration),
    Check("folder", machine.folder),
    Check("disk", machine.disk),
    Check("ports", machine.ports),
    Check("starter", machine.starter),
    Check("broker", cluster.broker),
    Check("topics", cluster.space, needs_broker=True),
    Check("rights", cluster.rights, needs_broker=True),
    Check("clock", cluster.clock, needs_broker=True),
    Check("workers", progress.workers, needs_broker=True),
    Check("lag", progress.lag, needs_broker=True),
    Check("dead-letters", progress.dead_letters, needs_broker=True),
    Check("channels", channels.channels),
)


def examine(patient: Patient, checks: Sequence[Check] = CHECKS) -> Iterator[tuple[str, Finding]]:
    """What each check finds. One that cannot go on says why, and the others are done all the same."""
    for check in checks:
        if check.needs_broker and patient.silent is not None:
            yield check.name, Finding(Severity.SKIPPED, "not looked at: no broker answers")
            continue
        try:
            for finding in check.look(patient):
                yield check.name, finding
        except (KafkaError, TopicsError, Unreachable, NotSent, OSError, TimeoutError) as why:
            said = str(why) or type(why).__name__
            yield check.name, error(f"it could not be looked at: {said}", "See to what that says, and look again.")
