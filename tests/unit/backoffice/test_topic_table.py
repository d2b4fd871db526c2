"""The topic table: what a space is made of, and how live and replay spaces differ in time and memory."""

from datetime import timedelta

import pytest

from schemas.topics import DEAD_LETTER_MAX_BYTES, INBOX_MAX_BYTES, Space, TopicSpec, changelog, names, topics

INBOXES = {"library": "events.library", "correlation": "facts", "alerting": "alerting"}
LIVE, REPLAY = Space("backoffice"), Space("trial", replay=True)


def table(space: Space, partitions: int = 4) -> dict[str, TopicSpec]:
    """Topics by their name without the space."""
    return {space.short(spec.name): spec for spec in topics(space, INBOXES, partitions)}


def test_a_space_has_these_topics_each_once() -> None:
    specs = topics(LIVE, INBOXES)
    assert [LIVE.short(name) for name in names(specs)] == [
        "events.library",
        "facts",
        "alerting",
        "alerts",
        "notices",
        "dead-letters",
        "dead-letters-handled",
        "audit",
        "feeds",
        "changelog.library",
        "changelog.correlation",
        "changelog.alerting",
    ]
    assert all(spec.name.startswith("backoffice.") and spec.says and spec.key for spec in specs)


def test_a_changelog_has_as_many_partitions_as_its_inbox() -> None:
    made = table(LIVE, 7)
    for name, inbox in INBOXES.items():
        assert made[changelog(name)].partitions == made[inbox].partitions
    assert (made["events.library"].partitions, made["facts"].partitions, made["alerting"].partitions) == (7, 7, 1)


@pytest.mark.parametrize(("space", "stamp"), [(LIVE, "LogAppendTime"), (REPLAY, "CreateTime")])
def test_the_broker_stamps_in_a_live_space_and_events_bring_their_time_in_a_replay_space(
    space: Space, stamp: str
) -> None:
    assert {spec.config["message.timestamp.type"] for spec in topics(space, INBOXES)} == {stamp}


def test_a_replay_space_keeps_everything() -> None:
    assert {spec.config["retention.ms"] for spec in topics(REPLAY, INBOXES)} == {"-1"}


def test_a_live_space_forgets_only_notices_and_dead_letters_and_those_after_a_year() -> None:
    """What became of a dead letter is kept for longer than the letter, which would else seem unhandled again."""
    year = timedelta(days=366)
    kept = {name: spec.retention for name, spec in table(LIVE).items() if spec.retention is not None}
    assert kept == {"notices": year, "dead-letters": year, "dead-letters-handled": 2 * year}
    assert table(LIVE)["notices"].config["retention.ms"] == str(366 * 24 * 3600 * 1000)


def test_what_has_a_current_state_is_compacted_and_nothing_else() -> None:
    for space in (LIVE, REPLAY):
        made = table(space)
        compacted = {name for name, spec in made.items() if spec.config["cleanup.policy"] == "compact"}
        assert compacted == {"alerts", "feeds", *(changelog(name) for name in INBOXES)}
        assert {spec.config["cleanup.policy"] for spec in made.values()} == {"compact", "delete"}


def test_a_record_near_the_inboxes_limit_fits_among_the_dead_letters_with_its_headers() -> None:
    made = table(LIVE)
    assert int(made["events.library"].config["max.message.bytes"]) == INBOX_MAX_BYTES
    assert int(made["dead-letters"].config["max.message.bytes"]) == DEAD_LETTER_MAX_BYTES >= INBOX_MAX_BYTES + 100_000


def test_a_changelog_is_compacted_in_small_segments() -> None:
    config = table(LIVE)["changelog.library"].config
    assert (config["segment.bytes"], config["min.cleanable.dirty.ratio"]) == ("67108864", "0.3")


def test_a_space_names_its_topics_and_its_group() -> None:
    assert (REPLAY.topic("facts"), REPLAY.short("trial.facts"), REPLAY.group) == (
        "trial.facts",
        "facts",
        "trial.processors",
    )
    assert REPLAY.short("other.facts") == "other.facts"
