"""The container engine's command line: Docker, or Podman, which takes the same commands."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Timer

from infra.broker.model import LegUnavailable, Report

ENGINES = ("docker", "podman")
_ANSWERS_WITHIN = 5.0
_OBEYS_WITHIN = 120.0
_PULLS_WITHIN = 900.0


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answered."""

    name: str

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end. An engine that has been uninstalled meanwhile is a command that fails."""
        command = [self.name, *arguments]
        try:
            return subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
                timeout=_OBEYS_WITHIN,
            )
        except subprocess.TimeoutExpired as error:
            raise LegUnavailable(f"container: `{self.name} {arguments[0]}` hangs: restart {self.name}") from error
        except OSError as error:
            return subprocess.CompletedProcess(command, 127, "", str(error))

    def has_image(self, image: str) -> bool:
        return self.run("image", "inspect", image).returncode == 0

    def pull(self, image: str, report: Report) -> None:
        """Raises LegUnavailable, with the engine's last line, when the image cannot be had."""
        report(f"Pulling {image} with {self.name} (only this once).")
        last = ""
        with subprocess.Popen(
            [self.name, "pull", image],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            limit = Timer(_PULLS_WITHIN, process.kill)
            limit.start()
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    last = line.strip() or last
                    report(f"  {last}")
            finally:
                limit.cancel()
        if process.returncode != 0:
            raise LegUnavailable(
                f"container: {self.name} answers, but {image} is not here and cannot be pulled: {last}"
            )

    def lines(self, *arguments: str) -> Iterator[str]:
        """What a command says, line by line, for as long as it runs and somebody reads."""
        with subprocess.Popen(
            [self.name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            try:
                yield from (line.rstrip("\n") for line in process.stdout)
            finally:
                process.terminate()


def find_engine() -> Engine:
    """The first engine that answers. One that is installed but not running is as good as none."""
    silent: list[str] = []
    for name in ENGINES:
        if shutil.which(name) is None:
            continue
        if _answers(name):
            return Engine(name)
        silent.append(name)
    if silent:
        raise LegUnavailable(f"container: {' and '.join(silent)} installed, but `{silent[0]} info` gets no answer")
    raise LegUnavailable("container: neither docker nor podman is installed")


def _answers(name: str) -> bool:
    try:
        done = subprocess.run(
            [name, "info"], capture_output=True, check=False, timeout=_ANSWERS_WITHIN, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
