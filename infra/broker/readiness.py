"""Does the broker answer? Found out by asking it, not by reading its log."""

import time
from collections.abc import Mapping
from typing import Any

from kafka.errors import KafkaError

from infra.admin import admin, listens
from infra.broker.leg import Leg
from infra.broker.model import Broker, BrokerError
from infra.broker.version import too_old, version_of

_BETWEEN_TRIES = 0.1


def problem(bootstrap_servers: str, timeout: float = 10.0, options: Mapping[str, Any] | None = None) -> str | None:
    """Why no broker of the cluster takes records right now; None when one does."""
    try:
        with admin(bootstrap_servers, timeout, options) as client:
            if old := too_old(version_of(client)):
                return old
            brokers = client.describe_cluster()["brokers"]
    except (KafkaError, OSError, ValueError) as error:
        return str(error)
    if all(broker.get("is_fenced") for broker in brokers):
        return "it answers, but its controller has not let it in yet"
    return None


def wait_until_ready(broker: Broker, way: Leg, timeout: float = 180.0) -> None:
    """Return once our broker takes records; raise BrokerError with the end of its log when it died instead.

    The timeout allows for reading through a large log after a crash.
    """
    deadline = time.monotonic() + timeout
    why: str | None = "its port is closed"
    while time.monotonic() < deadline:
        if not way.is_running(broker):
            raise BrokerError(f"The broker died while starting. {_end_of_log(broker, way)}")
        if listens(broker.bootstrap_servers, stays=0.05):
            why = problem(broker.bootstrap_servers, timeout=5.0)
            if why is None:
                return
        time.sleep(_BETWEEN_TRIES)
    raise BrokerError(
        f"The broker at {broker.bootstrap_servers} ({broker.where}) does not answer after {timeout:.0f} s: {why}. "
        f"`backoffice broker stop` ends it. {_end_of_log(broker, way)}"
    )


def _end_of_log(broker: Broker, way: Leg) -> str:
    said = "\n".join(way.log_lines(broker, 20, False))
    return f"The end of its log:\n{said}" if said else "It logged nothing."
