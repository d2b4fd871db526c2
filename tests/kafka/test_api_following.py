"""How the API's view keeps up with the topic of alerts: from its beginning, as it grows, and without a broker."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from consumers.api.following import Following
from consumers.api.view import View
from infra.admin import admin
from infra.topics import apply, plan
from schemas.alerts import Alert
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.topics import Space, topics
from tests.kafka.program import eventually
from tests.office import START
from tests.unit.api.served import a_group, a_silence, an_alert

pytestmark = pytest.mark.kafka


@pytest.fixture
def space(bootstrap: str) -> Iterator[Space]:
    made = Space(f"test-{uuid4().hex[:8]}")
    with admin(bootstrap) as cluster:
        assert not apply(cluster, plan(cluster, topics(made, {"alerting": "alerting"}, 1)), lambda line: None)
    yield made
    with admin(bootstrap) as cluster:
        cluster.delete_topics([name for name in cluster.list_topics() if name.startswith(f"{made.name}.")])


def said(bootstrap: str, space: Space, *records: tuple[str, bytes | None], commits: bool = True) -> None:
    """Records as alerting writes them: in one transaction."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{space.name}-{uuid4().hex}")
    try:
        producer.init_transactions()
        producer.begin_transaction()
        for key, value in records:
            producer.send(space.topic("alerts"), value, key.encode(), headers=list(HEADERS))
        producer.flush()
        producer.commit_transaction() if commits else producer.abort_transaction()
    finally:
        producer.close()


def state(subject: str, event: Event, offset: int = 0) -> tuple[str, bytes]:
    return subject, encode(event, About(f"0-{offset}-0", "/backoffice/processors/alerting", subject, START))


def alert(n: int, offset: int = 0) -> tuple[str, bytes]:
    return state(f"alert/{n:016x}", an_alert(f"{n:016x}"), offset)


@contextmanager
def following(bootstrap: str, space: Space) -> Iterator[tuple[View, Following]]:
    view = View(1_000)
    reader = Following(bootstrap, space, view)
    reader.start()
    try:
        yield view, reader
    finally:
        reader.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "alerts reader"]


def held(view: View) -> set[int]:
    with view.reading() as standing:
        return {int(fingerprint, 16) for fingerprint in standing.alerts}


def test_it_reads_what_is_there_and_goes_on_with_what_comes(bootstrap: str, space: Space) -> None:
    group, silence = a_group(), a_silence()
    said(
        bootstrap,
        space,
        alert(1),
        alert(2),
        state(f"group/{group.group}", group),
        state(f"silence/{silence.silence}", silence),
        ("alert/nonsense", b"not an event"),
    )
    said(bootstrap, space, alert(9), commits=False)
    with following(bootstrap, space) as (view, reader):
        eventually(lambda: view.not_ready, lambda why: why is None)
        assert held(view) == {1, 2}
        with view.reading() as standing:
            assert (list(standing.groups), list(standing.silences)) == ([group.group], [silence.silence])
            (shown,) = (found for found in standing.alerts.values() if found.event.fingerprint.endswith("1"))
            assert isinstance(shown.event, Alert)
            assert abs(shown.updated_at.timestamp() - time.time()) < 300, "the log's own time"
        assert reader.bad == 1
        said(bootstrap, space, alert(3, offset=77), (alert(1)[0], None))
        assert view.wait_for_effect(77, 60)
        eventually(lambda: held(view), lambda found: found == {2, 3})


def test_an_empty_topic_is_read_to_its_end_at_once(bootstrap: str, space: Space) -> None:
    with following(bootstrap, space) as (view, _):
        eventually(lambda: view.not_ready, lambda why: why is None)
        assert held(view) == set()


def test_without_a_topic_or_a_broker_it_says_so_and_tries_again(bootstrap: str) -> None:
    with following(bootstrap, Space("test-nowhere")) as (view, _):
        eventually(lambda: view.not_ready or "", lambda why: "There is no topic test-nowhere.alerts" in why)
        assert not view.is_read
