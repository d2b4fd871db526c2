"""A slice of a replay that takes many transactions: whatever dies in the middle, each of its records counts once."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from backoffice import spaces
from infra.admin import admin
from producers.drain import NO_COORDINATOR
from producers.feeder import Feeder
from producers.slices import Slice
from schemas.topics import Space
from tests.chaos.custom_worker import Crew, Custom
from tests.chaos.forms import pick
from tests.chaos.sender import Sender
from tests.chaos.spaces import own_space
from tests.chaos.valid import SENT_AT, invoice
from tests.kafka import oracle

pytestmark = pytest.mark.kafka

INVOICES = pick(2_000, 100_000)
KILLS = pick(2, 6)
SMALL = {"batch_records": 100, "queue_records": 200}
"""Far less than a slice has: in one transaction, and in a lane before its partition is fetched no further."""


class Killer:
    """Kills a worker of a crew when a lane is in the middle of its slice, each time further on."""

    def __init__(self, bootstrap: str, space: Space, crew: Crew) -> None:
        self._bootstrap = bootstrap
        self._space = space
        self._crew = crew
        self.seen: set[str] = set()
        self.kills = 0

    def between(self) -> None:
        self._crew.poll()
        if self.kills < KILLS and (notes := self._notes() - self.seen):
            self.seen |= notes
            self._crew.kill_one()
            self.kills += 1

    def _notes(self) -> set[str]:
        """What stands beside the group's offsets: how far it has come within a slice."""
        with admin(self._bootstrap) as cluster:
            try:
                offsets = cluster.list_group_offsets({self._space.group: None})[self._space.group]
            except NO_COORDINATOR:
                return set()
        return {found.metadata for found in offsets.values() if found.metadata}


def test_workers_killed_in_the_middle_of_a_slice_go_on_where_it_stood(
    bootstrap: str, tmp_path: Path, report: dict[str, Any]
) -> None:
    space = own_space(bootstrap, "slice", replay=True)
    sender = Sender(bootstrap, partitioner="murmur2_random")
    times = [SENT_AT + timedelta(seconds=n) for n in range(INVOICES)]
    Random(11).shuffle(times)
    for n, at in enumerate(times):  # on the log in another order than in time
        sent = invoice(n).saying(number=f"INV-{n % 97}").sent()
        stamp = int(at.timestamp() * 1000)
        sender.send(space.topic("events.accounting"), sent.key, sent.value, sent.headers, at=stamp)
    sender.placed()
    with Crew(bootstrap, tmp_path, Custom(space, SMALL), workers=2) as crew, admin(bootstrap) as cluster:
        killer = Killer(bootstrap, space, crew)
        with Feeder(bootstrap, cluster, space, spaces.line(), "slice", between=killer.between) as feeder:
            feeder.feed(Slice(SENT_AT + timedelta(days=2), (), {}))
    assert killer.kills == KILLS
    outputs = oracle.check(bootstrap, space)
    assert outputs["alerts"] > 0
    report |= {"invoices": INVOICES, "kills": killer.kills, "killed_at": sorted(killer.seen)}
