"""How old a broker may be."""

from kafka.admin import KafkaAdminClient
from kafka.protocol.broker_version_data import infer_broker_version_from_api_versions

OLDEST = (3, 7)
"""The oldest Kafka that this program is made for; kafka-python itself cannot describe an older cluster."""


def too_old(version: tuple[int, ...]) -> str | None:
    """What is wrong with a version, if anything is."""
    if version >= OLDEST:
        return None
    found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
    return f"it is Kafka {found}, and {oldest} or later is needed"


def version_of(cluster: KafkaAdminClient) -> tuple[int, ...]:
    """Major and minor version of the broker that answers, inferred from the requests that it takes."""
    version: tuple[int, ...] = infer_broker_version_from_api_versions(cluster.api_versions())
    return version
