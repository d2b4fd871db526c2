"""Departments as they are, but slow: three with every key of one partition, and one with every key."""

import time
from collections.abc import Callable
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

FOR_ALL = 0.004
"""Seconds of every step of a department that is slow everywhere: what watches it is quicker."""


def slowed(department: Processor, pause: float, slow: Callable[[str], bool]) -> Processor:
    """The department with a pause in each step of a slow key."""

    def slower(aggregate: Aggregate) -> Aggregate:
        def step(state: Any, event: Any, at: Any) -> Any:
            if slow(state.key):
                time.sleep(pause)
            return aggregate.step(state, event, at)

        return replace(aggregate, step=step)

    return replace(department, aggregates={kind: slower(each) for kind, each in department.aggregates.items()})


def _in_the_slow_partition(key: str) -> bool:
    return partition_of(key.encode(), PARTITIONS) == SLOW


accounting, hr, it = (slowed(each.department, PAUSE, _in_the_slow_partition) for each in (_accounting, _hr, _it))
accounting_everywhere = slowed(_accounting.department, FOR_ALL, lambda _: True)
