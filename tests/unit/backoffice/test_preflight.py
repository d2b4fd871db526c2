"""What a worker requires of its broker: each thing that is wrong is one line, which says what to do."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from backoffice.registry import inboxes, processors
from backoffice.requirements import Found, problems
from infra.broker.version import too_old
from schemas.topics import Space, topics

LIVE = Space("acme")
REPLAY = Space("trial", replay=True)
ALL = frozenset({"READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS"})
Topics = dict[str, Found]


def as_specified(space: Space, partitions: int = 4) -> Topics:
    """The topics of a space as `topics apply` leaves them."""
    return {spec.name: Found(spec.partitions, spec.config, ALL) for spec in topics(space, inboxes(), partitions)}


def having(space: Space, topic: str, **settings: str) -> Topics:
    """The same with some settings of one topic changed; underscores stand for dots."""
    there = as_specified(space)
    name = space.topic(topic)
    changed = {key.replace("_", "."): value for key, value in settings.items()}
    return there | {name: replace(there[name], config={**there[name].config, **changed})}


def counting(topic: str, partitions: int, space: Space = LIVE) -> Topics:
    there = as_specified(space)
    return there | {space.topic(topic): replace(there[space.topic(topic)], partitions=partitions)}


def only_problem(space: Space, found: Topics) -> str:
    (line,) = problems(space, processors(), found)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("space", [LIVE, REPLAY], ids=["live", "replay"])
@pytest.mark.parametrize("partitions", [1, 4, 64])
def test_what_topics_apply_leaves_is_as_required(space: Space, partitions: int) -> None:
    assert problems(space, processors(), as_specified(space, partitions)) == []


def test_topics_of_other_programs_concern_nobody() -> None:
    assert problems(LIVE, processors(), as_specified(LIVE) | {"acme.theirs": Found(9, {}, frozenset())}) == []


def test_missing_topics_are_named_and_how_to_create_them() -> None:
    found = as_specified(LIVE)
    del found["acme.events.hr"], found["acme.alerts"]
    line = only_problem(LIVE, found)
    assert line.startswith("There is no topic acme.events.hr, acme.alerts.")
    assert "`backoffice topics apply --space acme`" in line


def test_a_replay_space_is_applied_as_one() -> None:
    assert "`backoffice topics apply --space trial --replay`" in only_problem(REPLAY, {})


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (having(LIVE, "changelog.hr", cleanup_policy="delete"), "acme.changelog.hr has cleanup.policy=delete"),
        (having(LIVE, "changelog.hr", cleanup_policy="compact,delete"), "cleanup.policy=compact,delete"),
        (having(LIVE, "changelog.hr", cleanup_policy="delete, compact"), "cleanup.policy=compact,delete"),
        (having(LIVE, "alerts", cleanup_policy="delete"), "acme.alerts has cleanup.policy=delete"),
        (having(LIVE, "events.it", cleanup_policy="compact"), "acme.events.it is compacted"),
        (having(LIVE, "facts", cleanup_policy="compact,delete"), "acme.facts is compacted"),
        (having(LIVE, "events.it", max_message_bytes="1000000"), "max.message.bytes=1000000, less than the 1048576"),
        (having(LIVE, "dead-letters", max_message_bytes="1048588"), "acme.dead-letters has max.message.bytes=1048588"),
    ],
)
def test_settings_with_which_records_would_be_lost_or_refused(found: Topics, says: str) -> None:
    line = only_problem(LIVE, found)
    assert says in line
    assert line.endswith("`backoffice topics apply --space acme` sets it.")


def test_a_replay_space_must_keep_what_is_older_than_any_retention() -> None:
    line = only_problem(REPLAY, having(REPLAY, "events.hr", retention_ms="604800000"))
    assert "trial.events.hr has retention.ms=604800000" in line
    assert problems(LIVE, processors(), having(LIVE, "events.hr", retention_ms="604800000")) == []


@pytest.mark.parametrize(
    ("space", "stamps", "kind"), [(LIVE, "CreateTime", "live"), (REPLAY, "LogAppendTime", "replay")]
)
def test_stamps_of_the_other_kind_of_space_are_not_mended_by_apply(space: Space, stamps: str, kind: str) -> None:
    line = only_problem(space, having(space, "events.hr", message_timestamp_type=stamps))
    assert f"message.timestamp.type={stamps}" in line
    assert f"is a {kind} space" in line
    assert "topics apply" not in line


@pytest.mark.parametrize("more", ["4194304", "1048577"])
def test_larger_limits_than_needed_are_welcome(more: str) -> None:
    assert problems(LIVE, processors(), having(LIVE, "events.hr", max_message_bytes=more)) == []


def test_partitions_added_to_an_inbox_part_keys_from_their_state() -> None:
    line = only_problem(LIVE, counting("events.it", 6))
    assert line.startswith("acme.events.it has 6 partitions, and its state in acme.changelog.it has 4")
    assert "make another space" in line


def test_partitions_added_to_a_changelog_are_found_too() -> None:
    assert "acme.changelog.it has 8" in only_problem(LIVE, counting("changelog.it", 8))


def test_inboxes_that_are_not_equally_many() -> None:
    both = counting("events.it", 6) | {
        "acme.changelog.it": replace(as_specified(LIVE)["acme.changelog.it"], partitions=6)
    }
    line = only_problem(LIVE, both)
    assert "acme.events.it: 6" in line
    assert "acme.facts: 4" in line


def test_alerting_has_one_partition() -> None:
    lines = problems(LIVE, processors(), counting("alerting", 2))
    assert any(line.startswith("acme.alerting has 2 partitions; it must have 1") for line in lines)


@pytest.mark.parametrize("operation", sorted(ALL))
def test_a_right_that_is_missing_is_named_with_its_topics_and_how_it_is_given(operation: str) -> None:
    found = as_specified(LIVE)
    for topic in ("acme.facts", "acme.changelog.hr"):
        found[topic] = replace(found[topic], allowed=ALL - {operation})
    line = only_problem(LIVE, found)
    assert line.startswith(f"This client may not {operation} acme.facts, acme.changelog.hr.")
    assert f"--operation {operation.title().replace('_', '')} --topic acme. --resource-pattern-type prefixed" in line


def test_a_broker_that_says_nothing_of_rights_is_believed_to_grant_them() -> None:
    found = {name: replace(topic, allowed=None) for name, topic in as_specified(LIVE).items()}
    assert problems(LIVE, processors(), found) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = as_specified(LIVE)
    wrong: list[tuple[str, Callable[[Found], Found]]] = [
        ("acme.changelog.hr", lambda t: replace(t, config={**t.config, "cleanup.policy": "delete"})),
        ("acme.events.it", lambda t: replace(t, partitions=9)),
        ("acme.facts", lambda t: replace(t, allowed=ALL - {"WRITE"})),
    ]
    for name, change in wrong:
        found[name] = change(found[name])
    assert len(problems(LIVE, processors(), found)) == 3


@pytest.mark.parametrize(("version", "fine"), [((0, 10, 2), False), ((3, 6), False), ((3, 7), True), ((4, 1), True)])
def test_brokers_that_are_too_old(version: tuple[int, ...], fine: bool) -> None:
    why = too_old(version)
    assert why == (None if fine else f"it is Kafka {'.'.join(map(str, version))}, and 3.7 or later is needed")
