"""Making the peers ready: Kafka Streams by Maven, Quix Streams in an environment of its own. Both once, in .bench/."""

import hashlib
import shutil
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

from infra.broker.jars import kafka_version
from infra.broker.java import java, maven

HERE = Path(__file__).parent
MADE = HERE.parent / ".bench"
STREAMS = HERE / "streams-java"
REQUIREMENTS = HERE / "quix-requirements.txt"


class BuildFailed(Exception):
    """A peer could not be made ready; the message is what Maven or pip said."""


def streams_command() -> Sequence[str]:
    """Kafka Streams with Java's own defaults for heap and collector."""
    folder = _streams_folder()
    return [str(java()), "-cp", f"{folder}/classes:{folder}/lib/*", "bench.Main"]


def build_streams() -> None:
    """Compiles the Java contender against the broker's Kafka version, unless that has been done."""
    folder = _streams_folder()
    if folder.is_dir():
        return
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    more = [f"-Dkafka.version={kafka_version()}", f"-Dbench.directory={partial}"]
    _run([str(maven()), "--batch-mode", "-q", "-f", str(STREAMS / "pom.xml"), *more, "package"])
    partial.replace(folder)


def _streams_folder() -> Path:
    """Another one for changed sources: a build is complete or not there."""
    digest = hashlib.sha256(kafka_version().encode())
    for file in sorted([STREAMS / "pom.xml", *STREAMS.glob("src/**/*.java")]):
        digest.update(file.read_bytes())
    return MADE / f"streams-{digest.hexdigest()[:8]}"


def quix_python() -> Path:
    return _quix_folder() / "bin" / "python"


def build_quix() -> None:
    """Quix Streams wants an older confluent-kafka than ours, so it cannot live in our environment."""
    folder = _quix_folder()
    done = folder / "complete"
    if done.exists():
        return
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(quix_python()), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    _run([*pip, "-r", str(REQUIREMENTS)])
    done.touch()


def _quix_folder() -> Path:
    return MADE / f"quix-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:8]}"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command[:3])} ... failed:\n{(done.stdout + done.stderr).strip()[-3_000:]}")


def quix_version() -> str:
    """The version that the requirements pin."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith("quixstreams=="))
