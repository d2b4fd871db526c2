"""A thousand receivers of real channels: quickly opened, told at once, and few connections left open."""

import time
from collections import Counter
from threading import Semaphore

import psutil

from consumers.notify.channels.pool import RESTING
from consumers.notify.channels.webhook import Webhook
from consumers.notify.lanes import Lanes
from tests.unit.notify.hooks import Hooks, notice

MANY = 1000


def test_a_thousand_webhooks_are_told_and_few_connections_stay(hooks: Hooks) -> None:
    began = time.process_time()
    channels = [Webhook(hooks.url(f"/{n}"), timeout_seconds=60) for n in range(MANY)]
    assert time.process_time() - began < 5, "each reads its certificates anew"
    done, faults = Semaphore(0), list[BaseException]()

    def tell(n: int) -> None:
        channels[n].deliver(notice(f"0-{n}-1", f"r{n}"))
        done.release()

    lanes: Lanes[int] = Lanes(tell, faults.append, most_threads=50)
    for n in range(MANY):
        lanes.put(f"r{n}", n)
    for _ in range(MANY):
        assert done.acquire(timeout=60), faults
    assert Counter(hooks.keys) == Counter(f"0-{n}-1" for n in range(MANY))
    ours = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port == hooks.port]
    assert len(ours) <= RESTING
    for channel in channels:
        channel.close()
