"""How a broker of ours is set up, the same in a process and in a container."""

from collections.abc import Mapping
from pathlib import Path

LARGEST_RECORD = 4 * 1024 * 1024
"""Larger than any topic of ours takes (`schemas.topics`), dead letters with their headers included."""

_COMMON = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    # One node: nothing can be copied elsewhere.
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # Few partitions of the internal topics: the first start and every restart are quicker.
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "5",
    "group.initial.rebalance.delay.ms": "0",
    # After a crash the controller must notice soon that the old registration is gone.
    "broker.session.timeout.ms": "9000",  # shorter, a loaded machine fences its only broker
    "broker.heartbeat.interval.ms": "500",
    # A topic that nobody specified is a mistake, not a wish.
    "auto.create.topics.enable": "false",
    "message.max.bytes": str(LARGEST_RECORD),
    "replica.fetch.max.bytes": str(LARGEST_RECORD),
    # By default 128 MB, which the collector would walk all the time; 16 MB hold 600,000 keys a pass, as good as any.
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    # For topics that say nothing themselves; those of ours do.
    "log.retention.hours": "168",
    "log.segment.bytes": str(256 * 1024 * 1024),
}


def settings(listeners: str, advertised: str, controller: str, data: str) -> dict[str, str]:
    """`listeners` and `advertised` as Kafka writes them, `controller` as host:port, `data` as a directory."""
    return {
        **_COMMON,
        "listeners": listeners,
        "advertised.listeners": advertised,
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": data,
    }


def write_properties(path: Path, values: Mapping[str, str]) -> None:
    """As a Java properties file, which is Latin-1 with escapes."""
    lines = (f"{key}={_escaped(value)}\n" for key, value in values.items())
    path.write_text("".join(lines), encoding="ascii")


def as_environment(values: Mapping[str, str]) -> dict[str, str]:
    """As the official image reads them: KAFKA_FOO_BAR is foo.bar."""
    return {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in values.items()}


def _escaped(value: str) -> str:
    escaped = value.replace("\\", "\\\\")
    return "".join(char if char.isascii() else f"\\u{ord(char):04x}" for char in escaped)
