"""Who takes part: how each is started, and what differs from its defaults."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import build
from benchmarks.job import Job


@dataclass(frozen=True, slots=True)
class Contender:
    """One contender. `share`: the part of the events that it is given, where it is too slow for all of them.

    `answers`: whether it does the job; the floors only read. `drops`: whether it has the means to drop duplicates.
    """

    name: str
    start: Callable[[], Sequence[str]]
    ours: bool = False
    answers: bool = True
    drops: bool = False
    share: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def command(self, job: Job) -> list[str]:
        return [*self.start(), job.as_json()]


def module(name: str) -> Callable[[], Sequence[str]]:
    return lambda: [sys.executable, "-m", f"benchmarks.contenders.{name}"]


def _quix() -> Sequence[str]:
    return [str(build.quix_python()), "-m", "benchmarks.contenders.quix_app"]


EOS = {"guarantee": "exactly_once_v2"}

BACKOFFICE = Contender("backoffice", module("backoffice_worker"), ours=True, drops=True)
STREAMS_EOS = Contender("kafka-streams-eos", build.streams_command, drops=True, settings=EOS)
STREAMS_EOS_10 = Contender(
    "kafka-streams-eos-10ms", build.streams_command, drops=True, settings={**EOS, "commit_interval_ms": 10}
)
STREAMS = Contender("kafka-streams", build.streams_command, drops=True)
QUIX = Contender("quix", _quix, drops=True)
FAUST = Contender("faust", module("faust_app"), drops=True, share=0.075)
FLOOR = Contender("floor", module("floor_confluent"), answers=False)
FLOOR_AIOKAFKA = Contender("floor-aiokafka", module("floor_aiokafka"), answers=False)

ALL = (BACKOFFICE, STREAMS_EOS, STREAMS, QUIX, FAUST, FLOOR, FLOOR_AIOKAFKA)
