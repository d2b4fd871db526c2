"""The broker in a container: the official image, its data in a volume that outlives the container."""

import hashlib
import os
from collections.abc import Iterator

from infra.broker.engine import Engine, find_engine
from infra.broker.home import BrokerHome
from infra.broker.identity import Identity, identity
from infra.broker.jars import kafka_version
from infra.broker.model import Broker, BrokerError, LegUnavailable, Report
from infra.broker.settings import as_environment, settings

_DATA = "/var/lib/kafka/data"
"""Where the image lets its unprivileged user write."""

_GRACE = 30


def image() -> str:
    return f"apache/kafka:{kafka_version()}"


class Container:
    """Starts, recognises and stops the container of one home."""

    def __init__(self, home: BrokerHome) -> None:
        self._home = home

    def start(self, report: Report) -> Broker:
        """A container that is on its way up. Raises LegUnavailable without an engine or the image."""
        engine = find_engine()
        if not engine.has_image(image()):
            engine.pull(image(), report)
        engine.run("rm", "--force", self._home.container)  # what is left of one that crashed
        own = identity(self._home, report)
        report(f"Starting {image()} with {engine.name} on {own.bootstrap_servers}.")
        done = engine.run(*self._run_command(own))
        if done.returncode != 0:
            engine.run("rm", "--force", self._home.container)
            raise LegUnavailable(f"container: {engine.name} does not start {image()}: {done.stderr.strip()}")
        return Broker(
            own.bootstrap_servers,
            "container",
            started_here=True,
            engine=engine.name,
            container=self._home.container,
            data=_volume(self._home, own),
        )

    def is_running(self, broker: Broker) -> bool:
        done = self._engine(broker).run("container", "inspect", "--format", "{{.State.Running}}", self._home.container)
        return done.stdout.strip() == "true"

    def stop(self, broker: Broker, report: Report) -> None:
        """The container goes, the volume with the data stays."""
        engine = self._engine(broker)
        engine.run("stop", "-t", str(_GRACE), self._home.container)
        engine.run("rm", "--force", self._home.container)

    def erase(self, broker: Broker) -> None:
        self._engine(broker).run("volume", "rm", "--force", broker.data or self._home.container)

    def log_lines(self, broker: Broker, lines: int, follow: bool) -> Iterator[str]:
        engine = self._engine(broker)
        if engine.run("container", "inspect", self._home.container).returncode != 0:
            raise BrokerError(f"{broker.where} was removed when it was stopped, and its log with it.")
        options = ["--follow"] if follow else []
        return engine.lines("logs", *options, "--tail", str(lines), self._home.container)

    def _engine(self, broker: Broker) -> Engine:
        return Engine(broker.engine or "docker")

    def _run_command(self, own: Identity) -> list[str]:
        # Reachable from this machine only: this broker asks nobody who they are.
        published = f"{own.bootstrap_servers}:{own.port}"
        command = ["run", "--detach", "--name", self._home.container, "--publish", published]
        command += ["--volume", f"{_volume(self._home, own)}:{_DATA}"]
        for name, value in _environment(own).items():
            command += ["--env", f"{name}={value}"]
        return [*command, image()]


def _volume(home: BrokerHome, own: Identity) -> str:
    """Named by the cluster too: a home that was deleted and made anew is another cluster, with data of its own."""
    return f"{home.container}-{hashlib.sha256(own.cluster_id.encode()).hexdigest()[:8]}"


def _environment(own: Identity) -> dict[str, str]:
    """Complete: the official image drops all its defaults as soon as one setting is given.

    Inside, the broker listens on the port that it is published on: it calls itself at the address that it
    advertises, to verify transactions, and would not reach itself otherwise.
    """
    values = settings(
        listeners=f"PLAINTEXT://:{own.port},CONTROLLER://:{own.controller_port}",
        advertised=f"PLAINTEXT://{own.bootstrap_servers}",
        controller=f"localhost:{own.controller_port}",
        data=f"{_DATA}/kafka",
    )
    heap = {"KAFKA_HEAP_OPTS": os.environ.get("KAFKA_HEAP_OPTS", "-Xms256m -Xmx512m")}
    return {"CLUSTER_ID": own.cluster_id, **heap, **as_environment(values)}
