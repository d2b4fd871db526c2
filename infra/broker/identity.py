"""A broker's ports and cluster id: chosen once and remembered, so that clients find it again."""

import base64
import json
import random
import socket
import uuid
from dataclasses import asdict, dataclass

from infra.broker.home import BrokerHome
from infra.broker.model import Report
from infra.broker.state import write_json

_PORTS = range(20_000, 30_000)
"""Below what systems hand out to clients, so that no connection takes a port while its broker is down."""


@dataclass(frozen=True, slots=True)
class Identity:
    port: int
    controller_port: int
    cluster_id: str

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"


def identity(home: BrokerHome, report: Report) -> Identity:
    """The remembered identity; a port that another program has taken is replaced, and that is reported."""
    known = _read(home)
    if known is None:
        chosen = Identity(*_two_free_ports(), _new_cluster_id())
    elif not (_free(known.port) and _free(known.controller_port)):
        chosen = Identity(*_two_free_ports(), known.cluster_id)
        report(f"Another program has taken the broker's ports; clients now find it at {chosen.bootstrap_servers}.")
    else:
        return known
    write_json(home.identity, asdict(chosen))
    return chosen


def _read(home: BrokerHome) -> Identity | None:
    try:
        return Identity(**json.loads(home.identity.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _two_free_ports() -> tuple[int, int]:
    free = filter(_free, random.sample(_PORTS, k=len(_PORTS)))
    return next(free), next(free)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As Java's server sockets do: connections that linger after a crash must not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _new_cluster_id() -> str:
    """22 characters as Kafka writes them; a leading dash would be read as an option."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22]
    return text if not text.startswith("-") else _new_cluster_id()
