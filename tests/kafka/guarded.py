"""A broker that asks who may do what: Kafka's own authorizer, an administrator who logs in, and anonymous clients.

Clients at `anonymous` may do only what was allowed to them; the administrator comes in by another listener.
"""

import contextlib
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from infra.admin import admin
from infra.broker import BrokerHome
from infra.broker.jars import jars
from infra.broker.java import java
from infra.broker.readiness import problem
from infra.broker.settings import settings, write_properties
from tests.kafka.program import eventually

ADMINISTRATOR = {
    "security_protocol": "SASL_PLAINTEXT",
    "sasl_mechanism": "PLAIN",
    "sasl_plain_username": "admin",
    "sasl_plain_password": "of this test only",
}
_LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="admin" password="of this test only" user_admin="of this test only";'
)


@dataclass(frozen=True)
class Guarded:
    """Such a broker; `anonymous` and `administrators` are its addresses."""

    anonymous: str
    administrators: str

    @contextlib.contextmanager
    def administrator(self) -> Iterator[KafkaAdminClient]:
        with admin(self.administrators, options=ADMINISTRATOR) as cluster:
            yield cluster

    def allow(self, prefix: str, rights: Mapping[str, Iterable[str]]) -> None:
        """From now on anonymous clients may do these things and no others: kinds of resources and operations."""
        anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        allowed = [
            ACL("User:ANONYMOUS", "*", ACLOperation[operation], ACLPermissionType.ALLOW, _prefixed(kind, prefix))
            for kind, operations in rights.items()
            for operation in operations
        ]
        with self.administrator() as cluster:
            cluster.delete_acls([ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, anything)])
            if allowed:
                cluster.create_acls(allowed)


def _prefixed(kind: str, prefix: str) -> ResourcePattern:
    return ResourcePattern(ResourceType[kind], prefix, ACLResourcePatternType.PREFIXED)


@contextlib.contextmanager
def guarded(folder: Path, cache: BrokerHome) -> Iterator[Guarded]:
    """Starts one in `folder` with the jars of `cache`, and stops it."""
    ports = _free_ports(3)
    anonymous, administrators, controller = (f"127.0.0.1:{port}" for port in ports)
    listeners = f"PLAINTEXT://{anonymous},ADMIN://{administrators},CONTROLLER://{controller}"
    advertised = f"PLAINTEXT://{anonymous},ADMIN://{administrators}"
    folder.mkdir()
    properties = folder / "server.properties"
    ours = settings(listeners, advertised, controller, str(folder / "data"))
    write_properties(properties, {**ours, **_guards()})
    java_at = [str(java()), "-Xmx512m", "-cp", f"{jars(cache.jars, lambda line: None)}/*"]
    formatted = [*java_at, "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", str(properties)]
    subprocess.run(formatted, check=True, capture_output=True, timeout=300)
    with (folder / "broker.log").open("wb") as log:
        broker = subprocess.Popen([*java_at, "kafka.Kafka", str(properties)], stdout=log, stderr=log, cwd=folder)
        try:
            eventually(lambda: problem(administrators, 5.0, ADMINISTRATOR), lambda why: why is None, within=180)
            yield Guarded(anonymous, administrators)
        finally:
            broker.kill()
            broker.wait()


def _guards() -> Mapping[str, str]:
    secured = {f"listener.name.{name}.plain.sasl.jaas.config": _LOGIN for name in ("admin", "controller")}
    return {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:admin",
        "listener.security.protocol.map": "CONTROLLER:SASL_PLAINTEXT,ADMIN:SASL_PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "inter.broker.listener.name": "ADMIN",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        **secured,
    }


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_ones:
        probes = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
