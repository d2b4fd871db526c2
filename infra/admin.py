"""Connections for administration: opened for one purpose, closed whatever happens."""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaConnectionError, KafkaTimeoutError
from kafka.net.compat import KafkaNetClient


@contextmanager
def admin(
    bootstrap_servers: str, timeout: float = 10.0, options: Mapping[str, Any] | None = None
) -> Iterator[KafkaAdminClient]:
    """An admin client for the block. `timeout` is in seconds, for connecting as for each request;
    `options` are kafka-python's (`security_protocol`, `sasl_mechanism`, ...).

    Raises kafka.errors.KafkaError when no broker answers in time.
    """
    with _any_of(_listening(bootstrap_servers, timeout), timeout, options or {}) as client:
        yield client


def _any_of(servers: list[str], timeout: float, options: Mapping[str, Any]) -> KafkaAdminClient:
    """Connected through the first server that answers.

    kafka-python picks one at random and gives it all the time there is, also when it is cut off and never answers.
    """
    deadline = time.monotonic() + timeout
    for position, server in enumerate(servers, start=1):
        share = (deadline - time.monotonic()) / (len(servers) - position + 1)
        try:
            return _connected(server, share, timeout, options)
        except (KafkaConnectionError, KafkaTimeoutError):
            if position == len(servers):
                raise
    raise KafkaConnectionError("no bootstrap server is named")


def _connected(server: str, patience: float, timeout: float, options: Mapping[str, Any]) -> KafkaAdminClient:
    opened: list[KafkaNetClient] = []

    def network(**config: Any) -> KafkaNetClient:
        opened.append(KafkaNetClient(**config))
        return opened[-1]

    try:
        return KafkaAdminClient(
            bootstrap_servers=[server],
            client_id="backoffice-admin",
            bootstrap_timeout_ms=int(patience * 1000),
            request_timeout_ms=int(timeout * 1000),
            kafka_client=network,
            **options,
        )
    except BaseException:
        for connection in opened:  # the client leaves its thread and sockets behind when it cannot connect
            connection.close()
        raise


def listens(bootstrap_servers: str, stays: float = 0.0) -> bool:
    """Whether anything accepts connections at one of the addresses right now, and keeps them for `stays` seconds.

    A container engine accepts connections before anything in the container does, and drops them at once.
    """
    return any(_accepts(server.strip(), stays) for server in bootstrap_servers.split(","))


def _listening(bootstrap_servers: str, timeout: float) -> list[str]:
    """The servers that accept connections, once one does.

    kafka-python would go on trying by itself, but leaves a socket behind for each refusal.
    """
    deadline = time.monotonic() + timeout
    while not (found := [s for server in bootstrap_servers.split(",") if _accepts(s := server.strip(), 0.0)]):
        if time.monotonic() > deadline:
            raise KafkaConnectionError(f"nothing accepts connections at {bootstrap_servers}")
        time.sleep(0.1)
    return found


def _accepts(server: str, stays: float) -> bool:
    """`server` as host:port, [ipv6]:port, or a host alone on Kafka's own port."""
    host, separator, port = server.rpartition(":")
    try:
        address = (host.strip("[]"), int(port)) if separator else (server, 9092)
        with socket.create_connection(address, timeout=1.0) as connection:
            return not stays or _is_kept(connection, stays)
    except (OSError, ValueError):
        return False


def _is_kept(connection: socket.socket, seconds: float) -> bool:
    """Kafka waits for its client to speak first; whoever hangs up meanwhile is not Kafka."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
