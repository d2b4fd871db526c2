"""Three departments as they are, but slow with every key of one partition."""

import time
from dataclasses import replace
from typing import Any

from processors.departments import accounting as _accounting
from processors.departments import hr as _hr
from processors.departments import it as _it
from processors.engine.outbox import partition_of
from processors.processor import Aggregate, Processor

PARTITIONS = 8
SLOW = 3
PAUSE = 0.01
"""Seconds of every step in that partition: many times what a step takes."""


def slowed(department: Processor) -> Processor:
    """The department with a pause in each step of a key of the slow partition."""
    return replace(department, aggregates={kind: _slowed(each) for kind, each in department.aggregates.items()})


def _slowed(aggregate: Aggregate) -> Aggregate:
    def step(state: Any, event: Any, at: Any) -> Any:
        if partition_of(state.key.encode(), PARTITIONS) == SLOW:
            time.sleep(PAUSE)
        return aggregate.step(state, event, at)

    return replace(aggregate, step=step)


accounting, hr, it = (slowed(each.department) for each in (_accounting, _hr, _it))
