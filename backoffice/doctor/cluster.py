"""The broker: that it answers, the topics of the space, what a worker may do there, and whether its clock is ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from backoffice import preflight, spaces
from backoffice.doctor.finding import Finding, error, warning, well
from backoffice.doctor.patient import SECONDS, Patient
from backoffice.registry import inboxes, processors
from infra.admin import admin
from infra.broker.version import version_of
from infra.topics import Plan, TopicsError, plan
from producers.client import Client
from schemas.audit import ActionRecorded
from schemas.topics import Space, topics

OFF = timedelta(seconds=2)
FAR_OFF = timedelta(seconds=60)
"""By how much the clocks of this machine and the broker may differ. Deadlines go by the broker's, people by ours."""


def broker(patient: Patient) -> Iterator[Finding]:
    """Whether it answers, and which it is."""
    if (why := patient.silent) is not None:
        where = f"no broker answers at {patient.bootstrap}" if patient.bootstrap else "there is no broker"
        yield error(
            f"{where}: {why}",
            "Correct BACKOFFICE_BOOTSTRAP_SERVERS or broker.bootstrap_servers, or see to that broker."
            if patient.elsewhere
            else "`backoffice broker start` starts one; `backoffice broker logs` shows why one ended.",
        )
        return
    with admin(patient.answering, timeout=SECONDS) as cluster:
        version = ".".join(map(str, version_of(cluster)))
        brokers = cluster.describe_cluster()["brokers"]
    count = f"{len(brokers)} broker{'' if len(brokers) == 1 else 's'}"
    yield well(f"Kafka {version} answers at {patient.bootstrap}, {count}")
    if fenced := [str(one["broker_id"]) for one in brokers if one.get("is_fenced")]:
        yield warning(
            f"brokers {', '.join(fenced)} are down", "Start them: records have fewer copies than they should."
        )


def space(patient: Patient) -> Iterator[Finding]:
    """Whether the topics are there, as specified: partitions, retention, compaction, who stamps records."""
    apply = f"`backoffice topics apply --space {patient.space.name}{' --replay' if patient.space.replay else ''}`"
    try:
        planned = _plan(patient)
    except TopicsError as wrong:
        yield error(str(wrong), f"`backoffice topics plan --space {patient.space.name}` shows more.")
        return
    for creation in planned.create:
        yield error(f"there is no topic {creation.spec.name}", f"{apply} creates it.")
    for change in planned.change:
        yield warning(f"{change.topic} has {change.key}={change.old}, specified is {change.new}", f"{apply} sets it.")
    for refusal in planned.refused:
        yield error(
            str(refusal),
            "It is never changed: keys would be parted from their state. Replay the events into another space.",
        )
    if planned.unchanged:
        kind = "replay" if patient.space.replay else "live"
        yield well(f"{len(planned.unchanged)} topics of the {kind} space {patient.space.name} are as specified")


def _plan(patient: Patient) -> Plan:
    with admin(patient.answering, timeout=SECONDS) as cluster:
        specs = topics(patient.space, inboxes(), spaces.partitions(cluster, patient.space))
        return plan(cluster, specs, patient.configuration.broker.replication)


def rights(patient: Patient) -> Iterator[Finding]:
    """Whether a worker could start: its rights on topics, group and transactions, and topics as it needs them."""
    try:
        preflight.check(patient.answering, patient.space, processors())
    except preflight.NotReady as wrong:
        for line in str(wrong).splitlines():
            yield error(line, "A worker does not start before that.")
        return
    yield well("a worker may read, write and use transactions")


def clock(patient: Patient) -> Iterator[Finding]:
    """How far this machine's clock is from the broker's, which stamps what it takes: seen on a record of the audit."""
    if patient.space.replay:
        yield well("a replay space has the clock of its records")
        return
    before = patient.now()
    stamped = _stamped(patient.answering, patient.space, patient.who)
    after = patient.now()
    off = max(before - stamped, stamped - after, timedelta())  # what the answer took is nobody's fault
    yield apart(off)


def _stamped(bootstrap: str, where: Space, who: str) -> datetime:
    with Client(bootstrap, where, delivery_timeout=SECONDS) as client:
        looked = ActionRecorded(action="doctor.look", on=f"space/{where.name}")
        return client.send(looked, f"person/{who}", source="urn:backoffice:cli").result(2 * SECONDS).timestamp


def apart(off: timedelta) -> Finding:
    """What so much between two clocks means."""
    said = f"this machine's clock is {off.total_seconds():.1f} s from the broker's"
    mend = "Let both keep time by NTP (`timedatectl`)."
    if off > FAR_OFF:
        return error(said, mend)
    return warning(said, mend) if off > OFF else well(said)
