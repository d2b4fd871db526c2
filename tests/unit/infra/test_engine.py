"""Container engines: one that answers is used, one that does not is as good as none."""

import pytest

from infra.broker.engine import Engine, find_engine
from infra.broker.model import LegUnavailable

from .conftest import Install

ANSWERS, DOWN = "exit 0", "echo 'Cannot connect to the daemon' >&2; exit 1"


def test_the_engine_that_answers_is_found(install: Install) -> None:
    install("docker", DOWN)
    install("podman", ANSWERS)
    assert find_engine() == Engine("podman")


def test_an_installed_engine_that_does_not_answer_is_named(install: Install) -> None:
    install("docker", DOWN)
    with pytest.raises(LegUnavailable, match="docker installed, but `docker info` gets no answer"):
        find_engine()


def test_a_machine_without_an_engine_says_so(install: Install) -> None:
    with pytest.raises(LegUnavailable, match="neither docker nor podman"):
        find_engine()


def test_pulling_shows_its_progress(install: Install) -> None:
    said: list[str] = []
    install("docker", "echo 1a2b: Downloading; echo 1a2b: Pull complete")
    Engine("docker").pull("apache/kafka:4", said.append)
    assert said[1:] == ["  1a2b: Downloading", "  1a2b: Pull complete"]


def test_an_image_that_cannot_be_pulled_is_one_line(install: Install) -> None:
    install("docker", "echo 'Pulling'; echo 'no such host' >&2; exit 1")
    with pytest.raises(LegUnavailable, match=r"apache/kafka:4 is not here and cannot be pulled: no such host$"):
        Engine("docker").pull("apache/kafka:4", lambda _: None)
