"""A notifier that is stopped while its broker is away: it ends at once, and leaves nothing running."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.notify.notices import NoticeLog
from infra.admin import admin
from infra.broker import BrokerHome, ensure, stop
from infra.topics import apply, plan
from schemas.topics import Space, topics

pytestmark = pytest.mark.kafka

SPACE = Space("test-away")


@pytest.fixture
def home(tmp_path: Path, broker_home: BrokerHome) -> Iterator[BrokerHome]:
    """A broker of this test's own: it is stopped."""
    home = BrokerHome(tmp_path / "broker", broker_home.jars)
    try:
        yield home
    finally:
        stop(home=home, erase=True)


def test_it_leaves_without_the_broker_that_is_away(home: BrokerHome) -> None:
    bootstrap = ensure(home=home, legs=("embedded",)).bootstrap_servers
    with admin(bootstrap) as cluster:
        assert not apply(cluster, plan(cluster, topics(SPACE, {"alerting": "alerting"}, 1)), lambda line: None)
    members = [NoticeLog(bootstrap, SPACE, f"{SPACE.name}.notifier-{n}") for n in range(5)]
    for notices in members:
        while notices.assigned() is None:
            notices.fetch(0.1)
    stop(home=home)
    for notices in members:
        notices.fetch(0.5)
        notices.close()
    assert "notices" not in {thread.name for thread in threading.enumerate()}
