"""Kafka's jars: fetched once by Maven from the list in infra/kafka/pom.xml, then used offline."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

from infra.broker.java import maven
from infra.broker.lock import locked
from infra.broker.model import LegUnavailable, Report

POM = Path(str(resources.files("infra").joinpath("kafka", "pom.xml")))


def kafka_version() -> str:
    """The version in the pom: that of the jars, and the tag of the official image."""
    version = ElementTree.parse(POM).findtext(".//{*}kafka.version")
    if not version:
        raise ValueError(f"{POM} has no <kafka.version>")
    return version


def jars(cache: Path, report: Report) -> Path:
    """The directory with the jars, filled by Maven if it is not there yet."""
    # The digest makes a changed list another directory: no jar of an older list stays behind.
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()
    target = cache / f"kafka-{kafka_version()}-{digest[:8]}"
    if target.is_dir():
        return target
    with locked(cache / "lock", lambda: report("Another process is fetching Kafka's jars; waiting for it.")):
        if not target.is_dir():
            _fetch(target, report)
    return target


def _fetch(target: Path, report: Report) -> None:
    """Into a directory beside it first: `target` is complete or not there."""
    command = maven()
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    report(f"Fetching Kafka {kafka_version()} with Maven (about 45 MB, only this once).")
    _run_maven(command, partial, report)
    partial.replace(target)
    count = len(list(target.glob("*.jar")))
    report(f"Kafka's {count} jars are in {target}.")


def _run_maven(command: Path, target: Path, report: Report) -> None:
    said: list[str] = []
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    with subprocess.Popen(
        [str(command), "--batch-mode", "-f", str(POM), *goal],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            for jar in _downloaded(line):
                report(jar)
    if process.returncode != 0:
        errors = [line for line in said if line.startswith("[ERROR]")][:2] or said[-2:]
        raise LegUnavailable("Java: Maven could not fetch Kafka's jars: " + "".join(errors).strip())


def _downloaded(line: str) -> Iterator[str]:
    """A jar and its size out of Maven's `Downloaded from ...`: the large ones, which take their time."""
    if match := re.search(r"Downloaded from .*/([^/ ]+\.jar) \(([\d.]+ [MG]B) at", line):
        yield f"  {match[1]} ({match[2]})"
