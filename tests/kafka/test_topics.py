"""Topics on a real broker: made once as specified, put right when they drift, never deleted or repartitioned."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient
from typer.testing import CliRunner

from backoffice.cli import topics as cli
from infra.admin import admin
from infra.topics import ConfigChange, Plan, apply, plan
from infra.topics.cluster import resource
from schemas.topics import Space, TopicSpec, names, topics

pytestmark = pytest.mark.kafka

INBOXES = {"warehouse": "events.warehouse", "alerting": "alerting"}


@pytest.fixture
def specs() -> tuple[TopicSpec, ...]:
    """Every topic of a space that no other test uses."""
    return topics(Space(f"trial-{uuid4().hex[:8]}"), INBOXES, partitions=2)


@pytest.fixture
def cluster(bootstrap: str) -> Iterator[KafkaAdminClient]:
    with admin(bootstrap) as client:
        yield client


def reconcile(cluster: KafkaAdminClient, specs: tuple[TopicSpec, ...]) -> Plan:
    planned = plan(cluster, specs)
    apply(cluster, planned, lambda _: None)
    return planned


def test_every_topic_of_a_space_is_made_as_specified_with_its_leaders(
    cluster: KafkaAdminClient, specs: tuple[TopicSpec, ...]
) -> None:
    assert [creation.spec for creation in reconcile(cluster, specs).create] == list(specs)
    there = {topic["name"]: topic["partitions"] for topic in cluster.describe_topics(names(specs))}
    assert {name: len(partitions) for name, partitions in there.items()} == {s.name: s.partitions for s in specs}
    assert all(partition["leader_id"] >= 0 for partitions in there.values() for partition in partitions)


def test_applying_again_changes_nothing(cluster: KafkaAdminClient, specs: tuple[TopicSpec, ...]) -> None:
    reconcile(cluster, specs)
    again = reconcile(cluster, specs)
    assert again.does_nothing
    assert list(again.unchanged) == names(specs)


def test_a_setting_that_was_changed_by_hand_is_put_right_and_others_stay(
    cluster: KafkaAdminClient, specs: tuple[TopicSpec, ...]
) -> None:
    reconcile(cluster, specs)
    inbox = specs[0]
    by_hand = {"retention.ms": "1000", "segment.ms": "60000"}
    cluster.alter_configs([resource(inbox.name, by_hand)], incremental=True)

    planned = plan(cluster, specs)
    while planned.does_nothing:  # the broker shows it a moment after the controller has taken it
        planned = plan(cluster, specs)
    assert planned.change == (ConfigChange(inbox.name, "retention.ms", "1000", inbox.config["retention.ms"]),)
    apply(cluster, planned, lambda _: None)
    assert plan(cluster, specs).does_nothing
    described = cluster.describe_configs([resource(inbox.name)])["topic"][inbox.name]
    assert described["segment.ms"]["value"] == "60000"


def test_a_topic_with_other_partitions_keeps_them(cluster: KafkaAdminClient, specs: tuple[TopicSpec, ...]) -> None:
    reconcile(cluster, specs)
    space = Space(specs[0].name.split(".")[0])
    wider = topics(space, INBOXES, partitions=3)
    refused = reconcile(cluster, wider).refused
    assert [(refusal.now, refusal.wanted) for refusal in refused] == [(2, 3)] * len(refused)
    assert reconcile(cluster, specs).refused == ()


def test_two_who_apply_at_once_do_not_disturb_each_other(bootstrap: str, specs: tuple[TopicSpec, ...]) -> None:
    def one(_: int) -> Plan:
        with admin(bootstrap) as client:
            reconcile(client, specs)
            return plan(client, specs)

    with ThreadPoolExecutor(4) as several:
        assert all(planned.does_nothing and not planned.refused for planned in several.map(one, range(4)))


def test_the_command_line_shows_the_plan_and_then_does_it(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)
    space = f"trial-{uuid4().hex[:8]}"
    run = CliRunner().invoke

    planned = run(cli.app, ["plan", "--space", space, "--partitions", "2"])
    assert planned.exit_code == 0
    assert f"{space}.facts" in planned.output
    assert "0 unchanged" in planned.output

    applied = run(cli.app, ["apply", "--space", space, "--partitions", "2"])
    assert applied.exit_code == 0
    assert f"Created {space}.facts." in applied.output
    assert "0 to create, 0 settings to change" in run(cli.app, ["plan", "--space", space, "--partitions", "2"]).output

    refused = run(cli.app, ["apply", "--space", space, "--partitions", "3"])
    assert refused.exit_code == 1
    assert f"{space}.facts has 2 partitions, specified are 3" in refused.output
