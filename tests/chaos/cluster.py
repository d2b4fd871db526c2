"""Three brokers, each in a network namespace of its own: they can be killed, and cut off from one another."""

import os
import shlex
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from kafka.errors import KafkaError

from infra.admin import admin
from infra.broker import BrokerHome
from infra.broker.identity import identity
from infra.broker.jars import POM, jars
from infra.broker.java import java
from infra.broker.settings import settings, write_properties
from tests.chaos.network import Network
from tests.kafka.program import eventually

NODES = (1, 2, 3)
COPIES, IN_SYNC = "3", "2"
_REPLICATED = {
    "default.replication.factor": COPIES,
    "min.insync.replicas": IN_SYNC,
    "offsets.topic.replication.factor": COPIES,
    "transaction.state.log.replication.factor": COPIES,
    "transaction.state.log.min.isr": IN_SYNC,
    "share.coordinator.state.topic.replication.factor": COPIES,
    "share.coordinator.state.topic.min.isr": IN_SYNC,
}
_HEAP = "-Xms128m -Xmx384m"


class Cluster(AbstractContextManager["Cluster"]):
    """Kafka on three nodes, brokers and controllers both. Topics have three copies, of which two must be in sync."""

    def __init__(self, folder: Path) -> None:
        self.network = Network(NODES)
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._run: list[str] = []

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{self.network.address(node)}:9092" for node in NODES)

    def __enter__(self) -> "Cluster":
        """Raises NoNamespaces. Returns when all three brokers take records."""
        self.network.set_up()
        try:
            self._run = [str(java()), "-cp", f"{jars(BrokerHome().jars, lambda line: None)}/*"]
            self._format()
            for node in NODES:
                self.start(node)
            eventually(self._up, lambda up: up == len(NODES), within=180)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def start(self, node: int) -> None:
        home = self._home(node)
        options = [*shlex.split(_HEAP), f"-Dlog4j2.configurationFile={POM.with_name('log4j2.yaml')}"]
        command = [self._run[0], *options, f"-Dbackoffice.log={home / 'broker.log'}", *self._run[1:], "kafka.Kafka"]
        with (home / "console.log").open("ab") as console:
            self._processes[node] = subprocess.Popen(
                ["ip", "netns", "exec", self.network.namespace(node), *command, str(home / "server.properties")],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )

    def kill(self, node: int) -> None:
        """kill -9."""
        self._processes[node].kill()
        self._processes[node].wait()

    def fenced(self) -> None:
        """Returns once the controller has noticed that a broker is gone."""
        eventually(self._up, lambda up: up == len(NODES) - 1, within=120)

    def in_sync(self) -> None:
        """Returns once all brokers are back and every partition of every topic has all its copies in sync."""
        eventually(self._up, lambda up: up == len(NODES), within=180)
        eventually(self._out_of_sync, lambda partitions: partitions == 0, within=300)

    def _home(self, node: int) -> Path:
        return self._folder / f"node-{node}"

    def _format(self) -> None:
        cluster = identity(BrokerHome(self._folder), lambda line: None).cluster_id
        formatting = [self._formatted(node, cluster) for node in NODES]
        for process in formatting:
            said, _ = process.communicate()
            assert process.returncode == 0, said.decode(errors="replace")

    def _formatted(self, node: int, cluster: str) -> "subprocess.Popen[bytes]":
        home, address = self._home(node), self.network.address(node)
        home.mkdir(parents=True)
        values = settings(
            listeners=f"PLAINTEXT://{address}:9092,CONTROLLER://{address}:9093",
            advertised=f"PLAINTEXT://{address}:9092",
            controller="",
            data=str(home / "data"),
        )
        voters = ",".join(f"{n}@{self.network.address(n)}:9093" for n in NODES)
        values |= _REPLICATED | {"node.id": str(node), "controller.quorum.voters": voters}
        write_properties(home / "server.properties", values)
        tool = [*self._run, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(home / "server.properties")]
        return subprocess.Popen(tool, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _up(self) -> int:
        try:
            with admin(self.bootstrap) as client:
                return sum(not broker.get("is_fenced") for broker in client.describe_cluster()["brokers"])
        except KafkaError:
            return 0

    def _out_of_sync(self) -> int:
        try:
            with admin(self.bootstrap) as client:
                topics = client.describe_topics(sorted(client.list_topics()))
        except KafkaError:
            return -1
        return sum(len(p["isr_nodes"]) < len(p["replica_nodes"]) for topic in topics for p in topic["partitions"])

    def _end(self) -> None:
        for node in self._processes:
            self.kill(node)
        self.network.tear_down()
