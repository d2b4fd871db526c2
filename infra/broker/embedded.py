"""The embedded broker: Kafka's own jars in a Java process that outlives whoever started it."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator

import psutil

from infra.broker.home import BrokerHome
from infra.broker.identity import Identity, identity
from infra.broker.jars import POM, jars
from infra.broker.java import java
from infra.broker.logfile import last_lines, tail
from infra.broker.model import Broker, BrokerError, Report
from infra.broker.settings import settings, write_properties

_DEFAULT_HEAP = "-Xms256m -Xmx512m"
_TUNING = ("-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35")
_GRACE = 30.0


class Embedded:
    """Starts, recognises and stops the process of one home."""

    def __init__(self, home: BrokerHome) -> None:
        self._home = home

    def start(self, report: Report) -> Broker:
        """A process that is on its way up. Raises LegUnavailable without Java or the jars."""
        executable = java()
        class_path = f"{jars(self._home.jars, report)}/*"
        own = identity(self._home, report)
        self._configure(own)
        run = [str(executable), "-cp", class_path]
        if not (self._home.data / "meta.properties").exists():
            self._format([*run, "kafka.tools.StorageTool"], own)
        report(f"Starting Kafka on {own.bootstrap_servers}.")
        process = self._spawn([run[0], *self._options(), *run[1:], "kafka.Kafka", str(self._home.properties)])
        return Broker(
            own.bootstrap_servers,
            "embedded",
            started_here=True,
            pid=process.pid,
            pid_created=psutil.Process(process.pid).create_time(),
            data=str(self._home.data),
            logs=self._home.log,
        )

    def is_running(self, broker: Broker) -> bool:
        return self._process(broker) is not None

    def stop(self, broker: Broker, report: Report) -> None:
        """Ask it to end; kill it only when it does not, and only while the pid is still its own."""
        process = self._process(broker)
        if process is None:
            return
        process.terminate()
        if self._ends(broker):
            return
        report(f"Process {process.pid} did not end within {_GRACE:.0f} s; killing it.")
        if remaining := self._process(broker):
            remaining.kill()
        if not self._ends(broker):
            raise BrokerError(f"Process {process.pid}, the broker, cannot be ended: the system does not let it go.")

    def erase(self, broker: Broker) -> None:
        shutil.rmtree(self._home.data, ignore_errors=True)

    def log_lines(self, broker: Broker, lines: int, follow: bool) -> Iterator[str]:
        """What Java itself said, if anything, then the end of the log, unless that is from an earlier start."""
        log = self._home.log
        yield from (line for line in last_lines(self._home.console, 200) if not line.startswith("\tat "))
        if log.exists() and log.stat().st_mtime >= (broker.pid_created or 0):
            yield from tail(log, lines) if follow else last_lines(log, lines)

    def _process(self, broker: Broker) -> psutil.Process | None:
        """The broker's process, if its pid has not passed to another program."""
        try:
            process = psutil.Process(broker.pid)
            # The start is reckoned from the boot time, which moves when the clock is set: look at what it runs too.
            same = abs(process.create_time() - (broker.pid_created or 0)) < 2
            runs = process.cmdline()  # nothing for a moment, while Java's launcher starts Java
            ours = process.status() != psutil.STATUS_ZOMBIE if not runs else str(self._home.properties) in runs
        except psutil.Error:
            return None
        return process if same and ours else None

    def _ends(self, broker: Broker) -> bool:
        """Not `Process.wait`: whoever started the broker may leave it a zombie, which has ended all the same."""
        deadline = time.monotonic() + _GRACE
        while self._process(broker) and time.monotonic() < deadline:
            time.sleep(0.05)
        return self._process(broker) is None

    def _configure(self, own: Identity) -> None:
        self._home.log.parent.mkdir(parents=True, exist_ok=True)
        self._home.path.chmod(0o700)  # what departments say of people is for nobody else on this machine
        controller = f"127.0.0.1:{own.controller_port}"
        listeners = f"PLAINTEXT://{own.bootstrap_servers},CONTROLLER://{controller}"
        advertised = f"PLAINTEXT://{own.bootstrap_servers}"
        write_properties(self._home.properties, settings(listeners, advertised, controller, str(self._home.data)))

    def _options(self) -> list[str]:
        heap = shlex.split(os.environ.get("KAFKA_HEAP_OPTS", _DEFAULT_HEAP))
        logging = [f"-Dlog4j2.configurationFile={POM.with_name('log4j2.yaml')}", f"-Dbackoffice.log={self._home.log}"]
        return [*heap, *_TUNING, *logging]

    def _format(self, tool: list[str], own: Identity) -> None:
        done = subprocess.run(
            [*tool, "format", "--ignore-formatted", "-t", own.cluster_id, "-c", str(self._home.properties)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise BrokerError(f"Kafka could not prepare its data directory {self._home.data}:\n{said}")

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._home.console.open("wb") as console:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=self._home.path,
                env=_environment(),
                start_new_session=True,  # the terminal may close, and Ctrl-C is not for the broker
            )
        process.returncode = 0  # it is meant to outlive us: do not warn that nobody waited for it
        return process


def _environment() -> dict[str, str]:
    """In the plain C locale Java cannot open a path with an umlaut in it."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}
