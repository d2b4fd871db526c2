"""Java, Maven and the jars: found, fetched once, and said plainly when they cannot be had."""

from pathlib import Path

import pytest

from infra.broker.jars import POM, jars, kafka_version
from infra.broker.java import java, maven
from infra.broker.model import LegUnavailable

from .conftest import Install

MAKES_FOLDER = """
for word; do case $word in -DoutputDirectory=*) out=${word#*=};; esac; done
mkdir -p "$out"
"""
FETCHES = f"""{MAKES_FOLDER}
touch "$out/kafka-clients.jar" "$out/scala-library.jar"
echo "[INFO] Downloaded from central: repository/org/apache/kafka/kafka-clients.jar (11 MB at 15 MB/s)"
"""
FAILS = f"""{MAKES_FOLDER}
echo "[INFO] trying"; echo "[ERROR] no such host"; exit 1
"""


def says_version(text: str) -> str:
    return f"echo '{text}' >&2"


@pytest.mark.parametrize("text", ['openjdk version "17.0.15" 2025-04-15', 'java version "21" 2023-09-19 LTS'])
def test_java_17_and_newer_will_do(install: Install, text: str) -> None:
    install("java", says_version(text))
    assert java().name == "java"


@pytest.mark.parametrize(("text", "version"), [('java version "1.8.0_392"', "8"), ('openjdk version "11.0.2"', "11")])
def test_an_older_java_is_named_with_its_version(install: Install, text: str, version: str) -> None:
    install("java", says_version(text))
    with pytest.raises(LegUnavailable, match=f"is version {version}, Kafka needs 17 or newer"):
        java()


def test_java_home_comes_before_the_path(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install("java", says_version('openjdk version "17.0.15"'))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "empty"))
    with pytest.raises(LegUnavailable, match=r"no `java` in JAVA_HOME"):
        java()


def test_a_machine_without_java_or_maven_says_so(install: Install) -> None:
    with pytest.raises(LegUnavailable, match="no `java` on the path"):
        java()
    with pytest.raises(LegUnavailable, match="no Maven"):
        maven()


def test_the_jars_are_fetched_once_with_progress(install: Install, tmp_path: Path) -> None:
    said: list[str] = []
    install("mvn", FETCHES)
    folder = jars(tmp_path / "jars", said.append)
    assert {jar.name for jar in folder.iterdir()} == {"kafka-clients.jar", "scala-library.jar"}
    assert "  kafka-clients.jar (11 MB)" in said
    assert kafka_version() in folder.name

    install("mvn", "exit 1")  # the network may be gone now
    said.clear()
    assert jars(tmp_path / "jars", said.append) == folder
    assert said == []


def test_a_failed_fetch_says_why_and_leaves_nothing_that_looks_complete(install: Install, tmp_path: Path) -> None:
    install("mvn", FAILS)
    with pytest.raises(LegUnavailable, match="no such host"):
        jars(tmp_path / "jars", lambda _: None)
    install("mvn", FETCHES)
    assert any(jars(tmp_path / "jars", lambda _: None).iterdir())


def test_the_pom_pins_what_it_lists() -> None:
    assert kafka_version().split(".")[0] == "4"
    assert "<version>[" not in POM.read_text()
