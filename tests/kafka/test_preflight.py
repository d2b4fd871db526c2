"""A worker that cannot work says so at once, in lines for people, and how it is mended."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import NewPartitions

from backoffice import preflight, spaces
from backoffice.registry import inboxes, processors
from infra.admin import admin
from infra.broker import BrokerHome
from infra.topics import apply, plan
from infra.topics.cluster import resource
from schemas.topics import Space, topics
from tests.kafka.guarded import Guarded, guarded
from tests.kafka.program import backoffice, eventually, running

pytestmark = pytest.mark.kafka

RIGHTS = {
    "TOPIC": ("DESCRIBE", "DESCRIBE_CONFIGS", "READ", "WRITE"),
    "GROUP": ("READ",),
    "TRANSACTIONAL_ID": ("WRITE",),
}
"""What a worker needs, on everything that has its space's prefix."""


@pytest.fixture
def space(bootstrap: str) -> Space:
    """A live space of the test's own."""
    space = Space(f"checked-{uuid.uuid4().hex[:8]}")
    spaces.prepare(bootstrap, space)
    return space


def set_topic(bootstrap: str, topic: str, **settings: str) -> None:
    with admin(bootstrap) as cluster:
        wanted = {key.replace("_", "."): value for key, value in settings.items()}
        cluster.alter_configs([resource(topic, wanted)], incremental=True)


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    """What a command said that ended at once and cleanly, as one that could not do its work at all."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def refusal(bootstrap: str, space: Space, tmp_path: Path, says: str) -> str:
    """What `backoffice worker` says; a broker shows a changed setting a moment after it has taken it."""

    def problems() -> str:
        try:
            preflight.check(bootstrap, space, processors())
        except preflight.NotReady as error:
            return str(error)
        return ""

    eventually(problems, lambda found: says in found)
    return refused(backoffice(bootstrap, tmp_path, "worker", "--space", space.name))


def test_a_space_as_it_should_be_has_nothing_to_complain_of(bootstrap: str, space: Space) -> None:
    preflight.check(bootstrap, space, processors())


def test_a_broker_that_is_not_there(tmp_path: Path) -> None:
    said = refused(backoffice("127.0.0.1:1", tmp_path, "worker"))
    assert "127.0.0.1:1" in said


def test_topics_that_are_not_configured_as_they_must_be_are_mended_as_the_message_says(
    bootstrap: str, space: Space, tmp_path: Path
) -> None:
    set_topic(bootstrap, space.topic("changelog.hr"), cleanup_policy="delete")
    set_topic(bootstrap, space.topic("events.hr"), max_message_bytes="1000")
    said = refusal(bootstrap, space, tmp_path, "max.message.bytes=1000")
    assert f"{space.name}.changelog.hr has cleanup.policy=delete" in said
    assert f"`backoffice topics apply --space {space.name}`" in said
    assert backoffice(bootstrap, tmp_path, "topics", "apply", "--space", space.name).returncode == 0
    preflight.check(bootstrap, space, processors())


def test_stamps_of_the_other_kind_of_space(bootstrap: str, space: Space, tmp_path: Path) -> None:
    set_topic(bootstrap, space.topic("events.it"), message_timestamp_type="CreateTime")
    said = refusal(bootstrap, space, tmp_path, "message.timestamp.type")
    assert f"{space.name}.events.it has message.timestamp.type=CreateTime" in said


def test_partitions_that_somebody_added(bootstrap: str, space: Space, tmp_path: Path) -> None:
    with admin(bootstrap) as cluster:
        cluster.create_partitions({space.topic("events.it"): NewPartitions(6)})
    said = refusal(bootstrap, space, tmp_path, "has 6 partitions")
    assert f"its state in {space.name}.changelog.it has 4" in said


def test_a_topic_that_is_missing(bootstrap: str, space: Space, tmp_path: Path) -> None:
    with admin(bootstrap) as cluster:
        cluster.delete_topics([space.topic("changelog.front_office")])
    said = refusal(bootstrap, space, tmp_path, "no topic")
    assert f"There is no topic {space.name}.changelog.front_office." in said


@pytest.fixture(scope="module")
def guarded_broker(tmp_path_factory: pytest.TempPathFactory, broker_home: BrokerHome) -> Iterator[Guarded]:
    """A broker with an authorizer, which has the topics of the space `acme`."""
    with guarded(tmp_path_factory.mktemp("guarded") / "broker", broker_home) as broker:
        with broker.administrator() as cluster:
            apply(cluster, plan(cluster, topics(Space("acme"), inboxes())), lambda line: None)
        yield broker


def test_a_worker_that_may_do_all_it_needs_works(guarded_broker: Guarded, tmp_path: Path) -> None:
    guarded_broker.allow("acme.", RIGHTS)
    log = tmp_path / "process.log"
    with running(guarded_broker.anonymous, tmp_path, "worker", "--space", "acme") as worker:
        eventually(log.read_text, lambda said: "partitions are ours" in said or worker.poll() is not None)
        worker.terminate()
        assert worker.wait(60) == 0, log.read_text()


@pytest.mark.parametrize(
    ("kind", "operation", "says"),
    [
        ("TOPIC", "READ", "may not READ acme.events."),
        ("TOPIC", "WRITE", "may not WRITE acme.events."),
        ("TRANSACTIONAL_ID", "WRITE", "may not WRITE transactions acme.accounting.*, acme.finance.*"),
        ("GROUP", "READ", "may not READ the consumer group acme.processors"),
    ],
)
def test_a_right_that_is_missing_is_named(
    guarded_broker: Guarded, tmp_path: Path, kind: str, operation: str, says: str
) -> None:
    guarded_broker.allow("acme.", RIGHTS | {kind: [each for each in RIGHTS[kind] if each != operation]})
    said = refused(backoffice(guarded_broker.anonymous, tmp_path, "worker", "--space", "acme"))
    assert says in said
    assert "kafka-acls.sh --add" in said


def test_a_client_that_may_not_see_settings(guarded_broker: Guarded) -> None:
    guarded_broker.allow("acme.", RIGHTS | {"TOPIC": ("READ", "WRITE")})
    with pytest.raises(preflight.NotReady, match=r"^This client may not DESCRIBE_CONFIGS acme\.events\.[^\n]*$"):
        preflight.check(guarded_broker.anonymous, Space("acme"), processors())


def test_a_client_that_may_not_see_the_space(guarded_broker: Guarded, tmp_path: Path) -> None:
    guarded_broker.allow("acme.", {})
    with pytest.raises(preflight.NotReady, match=r"may not DESCRIBE acme\.alerting, acme\.alerts"):
        preflight.check(guarded_broker.anonymous, Space("acme"), processors())
    said = refused(backoffice(guarded_broker.anonymous, tmp_path, "worker", "--space", "acme"))
    assert "acme.alerting cannot be looked at: TopicAuthorizationFailedError" in said
