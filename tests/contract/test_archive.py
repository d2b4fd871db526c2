"""What holds of an archive in either database: SQLite, and a real PostgreSQL."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, func, select

from consumers.archive.databases import database
from consumers.archive.databases.base import Busy, Database, NotOpened
from consumers.archive.entries import Count, Cursor, Span
from consumers.archive.migrations import Step, check, prepare
from consumers.archive.places import Lost
from consumers.archive.reading import Archive
from consumers.archive.retention import retain
from consumers.archive.settings import RetentionSettings
from consumers.archive.source import Batch
from consumers.archive.standing import Standing
from consumers.archive.tables import HOUR, LOGS, alert_states, events, groups, metadata, silences, versions
from consumers.archive.words import BadSearch
from consumers.archive.writer import Writer
from consumers.partition import Stood
from schemas.notices import NoticeDelivered, NoticeFailed
from tests.archived import SPACE, START, Archiving, alert, gone, hours, invoice, looked, ms, said, stood
from tests.postgres import Server, serving_or_left_out
from tests.unit.api.served import a_group, a_silence
from tests.unit.notify.hooks import DOWN, notice


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving_or_left_out() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.db'}"
        return
    running: Server = request.getfixturevalue("server")
    made = running.url()
    yield made
    running.drop(made)


@pytest.fixture
def base(url: str) -> Iterator[Database]:
    found = database(url)
    yield found
    found.engine.dispose()


@pytest.fixture
def office(base: Database) -> Archiving:
    return Archiving(base)


# Writing


def test_a_record_is_read_as_it_was_written(office: Archiving) -> None:
    written = invoice(41, vendor="acme", number="INV-7")
    (found,) = office.takes(written).archive.events().entries
    assert (found.topic, found.partition, found.offset, found.timestamp) == ("events.accounting", 0, 41, START)
    assert (found.key, found.subject, found.department) == ("vendor/acme", "vendor/acme", "accounting")
    assert found.data["number"] == "INV-7"
    assert office.archive.record("events.accounting", 0, 41) == found
    assert office.archive.record("events.accounting", 0, 40) is None
    assert office.archive.record("nonsense", 0, 40) is None


def test_a_batch_that_somebody_else_has_written_is_not_written_again(office: Archiving) -> None:
    batch = office.batch([invoice(0), invoice(1)])
    office.writer.write(batch.records, batch.moves)
    with pytest.raises(Lost):
        office.writer.write(batch.records, batch.moves)
    assert len(office.archive.events().entries) == 2


def test_who_is_behind_writes_nothing(office: Archiving) -> None:
    office.takes(invoice(0))
    late = office.batch([invoice(1)])
    office.takes(invoice(1), invoice(2))
    with pytest.raises(Lost, match="somebody else has gone on from 1"):
        office.writer.write(late.records, late.moves)
    assert [one.offset for one in office.archive.events().entries] == [2, 1, 0]


def test_whatever_a_record_holds_it_and_its_neighbours_are_archived(office: Archiving) -> None:
    strange = [
        b"not JSON \x00 at all",
        b'{"id": "1", "source": "s", "type": "t", "data": {"text": "\\u0000"}}',
        b'{"id": "1", "source": "s", "type": "t", "data": {"n": 1e200000}}',
        b'{"id": "1", "source": "s", "type": "t", "data": {"n": 1e-200000}}',
        b'{"id": "1", "source": "s", "type": "t", "data": "\\ud83d\\ude00"}',
        '{"id": "1", "source": "s", "type": "t", "data": {"text": "\u2028 \U0001f600 e\u0301"}}'.encode(),
        b"",
    ]
    office.takes(invoice(0), *(stood("events.accounting", n, value) for n, value in enumerate(strange, 1)), invoice(99))
    for n, value in enumerate(strange, 1):
        found = office.archive.record("events.accounting", 0, n)
        assert found is not None
        assert found.raw == value or found.body == json.loads(value)
    assert len(office.archive.events().entries) == len(strange) + 2


def test_a_row_that_the_database_refuses_is_kept_as_it_was(office: Archiving) -> None:
    """What no check of ours foresees: an outcome whose number of attempts is beyond any integer column."""
    event = NoticeDelivered(notice="n", group="0" * 16, channel="mail", attempts=10**30)
    record = said(event, "receiver/it", 5)
    office.takes(said(event.model_copy(update={"attempts": 1}), "receiver/it", 4), record)
    found = office.archive.record("alerting", 0, 5)
    assert found is not None
    assert (found.raw, found.raw_key, found.body) == (record.value, record.key, None)
    assert found.problem
    assert [one.attempts for one in office.archive.deliveries().entries] == [1]
    assert office.writer.refused == 1


def test_an_alert_is_one_row_each_time_it_fires(office: Archiving) -> None:
    office.takes(
        alert(0),
        alert(1, at=hours(1), acknowledged_by="dana", acknowledged_at=hours(1), escalation_step=2),
        alert(2, at=hours(2), suppressed=True),
        alert(3, at=hours(3), status="resolved", ends_at=hours(3)),
    )
    office.takes(alert(4, at=hours(5), starts_at=hours(5)))
    again, first = office.archive.alerts().entries
    assert (first.status, first.starts_at, first.ends_at) == ("resolved", START, hours(3))
    assert (first.acknowledged_by, first.acknowledged_at) == ("dana", hours(1))
    assert (first.highest_step, first.suppressed) == (2, True)
    assert (again.status, again.starts_at, again.acknowledged_at, again.suppressed) == ("firing", hours(5), None, False)
    states = office.archive.alert_states("a" * 16).entries
    assert [one.offset for one in states] == [4, 3, 2, 1, 0]


def test_what_happens_to_an_alert_once_is_kept_over_batches(office: Archiving) -> None:
    office.takes(alert(0, acknowledged_by="dana", acknowledged_at=START, escalation_step=3))
    office.takes(alert(1, at=hours(1), acknowledged_by="kim", acknowledged_at=hours(1)))
    (found,) = office.archive.alerts().entries
    assert (found.acknowledged_by, found.acknowledged_at, found.highest_step) == ("dana", START, 3)
    assert found.body["acknowledged_by"] == "kim"


@pytest.mark.parametrize("together", [True, False])
def test_an_alert_said_to_have_begun_earlier_is_still_one(office: Archiving, together: bool) -> None:
    later, earlier = alert(0, starts_at=hours(2)), alert(1, starts_at=START)
    office.takes(later, earlier) if together else office.takes(later).takes(earlier)
    assert [one.starts_at for one in office.archive.alerts().entries] == [START]


def test_an_alert_whose_end_was_compacted_away_does_not_fire_for_ever(office: Archiving) -> None:
    office.takes(alert(0)).takes(alert(9, at=hours(4), starts_at=hours(4)))
    again, first = office.archive.alerts().entries
    assert (again.status, first.status, first.ends_at) == ("firing", "resolved", hours(4))


def test_what_alerting_forgets_stays_in_the_archive(office: Archiving) -> None:
    group, silence = a_group(), a_silence()
    office.takes(
        alert(0),
        said(group, f"group/{group.group}", 1),
        said(silence, f"silence/{silence.silence}", 2),
    )
    office.takes(
        gone("alerts", 3, "alert/" + "a" * 16, at=hours(1)),
        gone("alerts", 4, f"group/{group.group}", at=hours(1)),
        gone("alerts", 5, f"silence/{silence.silence}", at=hours(1)),
    )
    (found,) = office.archive.alerts().entries
    assert found.gone_at == hours(1)
    with office.archive.connection() as connection:
        for table in (groups, silences):
            assert connection.scalars(select(table.c.gone_at)).all() == [ms(hours(1))]


def test_notices_are_found_by_their_alerts_and_outcomes_by_their_notices(office: Archiving) -> None:
    told = notice()
    failed = NoticeFailed(notice=told.about.id, group=told.group, channel="mail", attempts=5, error="no route")
    office.takes(said(told, "receiver/it-manager", 0), said(failed, "receiver/it-manager", 0))
    (found,) = office.archive.notices(fingerprint=DOWN.fingerprint).entries
    assert found.data["summary"] == "vpn is down"
    assert found.department == "it"
    assert office.archive.notices(fingerprint="b" * 16).entries == []
    assert office.archive.notices(receiver="it-manager").entries == [found]
    assert office.archive.notices(text="vpn").entries == [found]
    (outcome,) = office.archive.deliveries(notice=told.about.id).entries
    assert (outcome.outcome, outcome.receiver, outcome.error) == ("failed", "it-manager", "no route")


# Reading


def test_pages_are_newest_first_and_each_entry_is_on_one(office: Archiving) -> None:
    office.takes(*(invoice(n, at=hours(n // 3)) for n in range(20)))
    offsets: list[int] = []
    after: Cursor | None = None
    while True:
        page = office.archive.events(after=after, limit=7)
        offsets += [one.offset for one in page.entries]
        if page.after is None:
            break
        after = Cursor.parse(str(page.after))
    assert offsets == list(range(19, -1, -1))


def test_a_page_goes_on_where_it_ended_whatever_has_come_since(office: Archiving) -> None:
    office.takes(*(invoice(n, at=hours(n)) for n in range(4)))
    first = office.archive.events(limit=2)
    office.takes(invoice(4, at=hours(9)))
    assert [one.offset for one in office.archive.events(limit=2, after=first.after).entries] == [1, 0]


def test_a_span_has_its_start_and_not_its_end(office: Archiving) -> None:
    office.takes(*(invoice(n, at=hours(n)) for n in range(4)))
    found = office.archive.events(Span(hours(1), hours(3))).entries
    assert [one.offset for one in found] == [2, 1]


def test_records_are_found_by_what_they_are_of(office: Archiving) -> None:
    office.takes(invoice(0, vendor="acme"), invoice(1, vendor="umbrella"))
    office.takes(looked(0, "dana", "employee/E-1"), looked(1, "kim", "employee/E-2"))
    archive = office.archive
    assert [one.offset for one in archive.events(subject="vendor/acme").entries] == [0]
    assert [one.offset for one in archive.events(id="e-0-1").entries] == [1]
    assert len(archive.events(department="accounting").entries) == 2
    assert archive.events(department="hr").entries == []
    assert [one.subject for one in archive.audit(on="employee/E-2").entries] == ["person/kim"]
    assert [one.about for one in archive.audit(who="dana").entries] == ["employee/E-1"]


def test_alerts_are_found_by_their_labels_state_and_words(office: Archiving) -> None:
    other = alert(1, "b" * 16, status="resolved", ends_at=hours(1), annotations={"summary": "Budget exceeded"})
    office.takes(alert(0), other)
    archive = office.archive
    assert [one.fingerprint[0] for one in archive.alerts(status="resolved").entries] == ["b"]
    assert [one.fingerprint[0] for one in archive.alerts(text="budget").entries] == ["b"]
    assert [one.fingerprint[0] for one in archive.alerts(text="inv 7").entries] == ["a"]
    assert len(archive.alerts(subject="vendor/acme", department="accounting", severity="error").entries) == 2
    assert archive.alerts(rule="it.outage").entries == []
    assert [one.fingerprint[0] for one in archive.alerts(fingerprint="b" * 16).entries] == ["b"]


def test_words_find_the_same_in_both_databases(office: Archiving) -> None:
    wanted = {
        "acme": [2, 0],
        "ACME umbr*": [],
        "umbr*": [1],
        "acme -special": [0],
        "INV-77": [0],
        "café": [2],
        "CAFE": [2],
        "spe": [],
        "spe*": [2],
        "cost_centre": [2],
        "centre": [],
    }
    office.takes(
        invoice(0, vendor="acme", number="INV-77"),
        invoice(1, vendor="umbrella", number="INV-78"),
        invoice(2, vendor="acme", number="Café special cost_centre"),
    )
    assert {text: [one.offset for one in office.archive.events(text=text).entries] for text in wanted} == wanted


def test_no_search_is_an_operator_or_a_statement(office: Archiving) -> None:
    """It finds what has these words, or nothing, or is refused; the archive is as it was."""
    office.takes(invoice(0, vendor="acme"))
    for text in ("' OR 1=1 --", "acme'; DROP TABLE events", "acme NEAR(x)", "a & b | !c", "words:acme", "acme AND"):
        assert office.archive.events(text=text).entries == [], text
    for text in ("acme:*", "{acme}", "(acme", "^acme", "acme'"):
        assert len(office.archive.events(text=text).entries) == 1, text
    for text in ("\\", "%", "'", "& | !"):
        with pytest.raises(BadSearch):
            office.archive.events(text=text)


def test_no_value_is_part_of_a_statement(office: Archiving) -> None:
    office.takes(invoice(0))
    for text in ("x' OR '1'='1", "\\'; --", "%", "acme\x01"):
        assert office.archive.events(subject=text).entries == []
        assert office.archive.alerts(rule=text, severity=text).entries == []
        assert office.archive.counts(department=text) == []
    assert len(office.archive.events().entries) == 1


def test_records_are_counted_by_the_hour_as_they_come(office: Archiving) -> None:
    office.takes(*(invoice(n, at=START + timedelta(minutes=20 * n)) for n in range(4)))
    office.takes(invoice(4, at=START + timedelta(minutes=59)), alert(0))
    archive = office.archive
    assert archive.counts(kind="events", by=["hour"]) == [Count(4, hour=START), Count(1, hour=hours(1))]
    assert archive.counts(Span(hours(1), hours(2)), kind="events", by=[]) == [Count(1)]
    assert archive.counts(by=["department", "kind"]) == [
        Count(1, kind="alert_states", department="accounting"),
        Count(5, kind="events", department="accounting"),
    ]
    assert archive.counts(kind=["alert_states"], by=["rule"]) == [Count(1, rule="accounting.duplicate_invoice")]


# How far it is, whose it is, what is old


def test_it_says_how_far_it_is(office: Archiving) -> None:
    office.takes(invoice(0), invoice(7), invoice(3, partition=2))
    assert [(one.topic, one.partition, one.next) for one in office.archive.places()] == [
        ("events.accounting", 0, 8),
        ("events.accounting", 2, 4),
    ]
    assert office.archive.size() > 0
    assert set(office.archive.rows()) >= set(LOGS)


def creates(table: str) -> Step:
    def step(connection: Connection) -> None:
        connection.exec_driver_sql(f"CREATE TABLE {table} (one INTEGER)")

    return step


def test_a_newer_schema_is_refused_and_an_older_one_brought_up_to_date(base: Database) -> None:
    assert prepare(base, SPACE) == 1
    steps: dict[int, Step] = {2: creates("newer"), 3: lambda connection: None}
    with pytest.raises(NotOpened, match="`backoffice archive run` brings it to 3"):
        check(base, SPACE, steps)
    assert prepare(base, SPACE, steps) == 3
    check(base, SPACE, steps)
    with base.engine.connect() as connection:
        assert connection.scalars(select(versions.c.version).order_by(versions.c.version)).all() == [1, 3]
        connection.exec_driver_sql("SELECT one FROM newer")
    with pytest.raises(NotOpened, match="version 3, this program knows up to 1"):
        prepare(base, SPACE)
    with pytest.raises(NotOpened, match="version 3"):
        check(base, SPACE)


def test_a_step_that_fails_leaves_the_version_before(base: Database) -> None:
    prepare(base, SPACE)

    def breaks(connection: object) -> None:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        prepare(base, SPACE, {2: creates("half"), 3: breaks})
    assert prepare(base, SPACE) == 1
    assert prepare(base, SPACE, {2: creates("half")}) == 2


def test_an_archive_is_of_one_space(base: Database, url: str) -> None:
    prepare(base, SPACE)
    with pytest.raises(NotOpened, match="the archive of space test, not of other"):
        prepare(base, "other")
    with pytest.raises(NotOpened, match="not of other"):
        Archive.open(url, "other")


def test_an_empty_database_has_nothing_to_read(base: Database, url: str) -> None:
    with pytest.raises(NotOpened, match="nothing has been archived yet"):
        Archive.open(url)
    if url.startswith("sqlite"):
        assert not Path(url.removeprefix("sqlite:///")).exists(), "a reader makes no file"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_file_that_was_vacuumed_is_searched_as_before(office: Archiving) -> None:
    office.takes(*(invoice(n) for n in range(20)))
    retain(office.database, RetentionSettings(), ms(START))
    with office.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        connection.rollback()
        driver.execute("VACUUM")
    assert [one.offset for one in office.archive.events(text="INV-13").entries] == [13]


@pytest.mark.parametrize(
    "url",
    ["mysql://db/archive", "sqlite://", "sqlite:///:memory:", "not an address", "postgresql+asyncpg://db/archive"],
)
def test_an_address_that_is_none_is_refused_with_examples(url: str) -> None:
    if url.startswith("postgresql+"):
        assert database(url).engine.dialect.driver == "psycopg", "the driver is ours to choose"
        return
    with pytest.raises(NotOpened, match="give sqlite:////"):
        database(url)


def test_one_writes_and_another_waits_for_its_turn(base: Database, url: str) -> None:
    other = database(url)
    with base.alone(), pytest.raises(Busy), other.alone():
        pass
    with other.alone():
        pass
    other.engine.dispose()


def test_what_is_old_is_removed_and_what_is_not_stays(office: Archiving) -> None:
    long_ago, now = START - timedelta(days=100), START
    office.takes(invoice(0, number="OLD", at=long_ago), invoice(1, number="NEW", at=now))
    office.takes(alert(0, at=long_ago, starts_at=long_ago, status="resolved", ends_at=long_ago))
    office.takes(alert(1, "b" * 16, at=long_ago, starts_at=long_ago))
    kept = RetentionSettings(events=50, alerts=50, audit=None, facts=None)
    removed = retain(office.database, kept, ms(now))
    assert [one.offset for one in office.archive.events().entries] == [1]
    assert office.archive.events(text="old").entries == []
    assert [one.offset for one in office.archive.events(text="new").entries] == [1]
    assert [one.fingerprint[0] for one in office.archive.alerts().entries] == ["b"], "it still fires"
    assert removed["alerts"] == 1
    assert office.archive.counts(kind="events", by=[]) == [Count(2)], "counts stay"
    office.takes(invoice(2, number="AGAIN", at=long_ago))
    assert [one.offset for one in office.archive.events(text="again").entries] == [2]


def test_nothing_younger_than_its_retention_is_removed(office: Archiving) -> None:
    edge = START - timedelta(days=50)
    office.takes(invoice(0, at=edge), invoice(1, at=edge + timedelta(seconds=1)))
    retain(office.database, RetentionSettings(events=50), ms(START))
    assert [one.offset for one in office.archive.events().entries] == [1, 0]


def test_readers_see_all_of_a_batch_or_nothing(office: Archiving) -> None:
    """Beside a writer: the number of events never stands between two batches."""
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            with office.archive.connection() as connection:
                seen.add(connection.scalar(select(func.count()).select_from(events)) or 0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for n in range(10):
        office.takes(*(invoice(n * 50 + m) for m in range(50)))
    done.set()
    watcher.join()
    assert all(count % 50 == 0 for count in seen), seen


# How PostgreSQL goes about it


def plans(office: Archiving, read: Callable[[Archive], object]) -> str:
    """What PostgreSQL would do for a query, where reading a whole table is the last resort."""
    asked: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *more: object) -> None:
        asked.append((statement, parameters))

    event.listen(office.database.engine, "before_cursor_execute", note)
    read(office.archive)
    event.remove(office.database.engine, "before_cursor_execute", note)
    with office.database.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explained = [
            connection.exec_driver_sql(f"EXPLAIN {one}", parameters).scalars().all() for one, parameters in asked
        ]
    return "\n".join(line for lines in explained for line in lines)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_look_goes_by_an_index_into_the_months_it_asks_for(office: Archiving) -> None:
    for month in range(1, 7):
        at = datetime(2026, month, 10, tzinfo=UTC)
        office.takes(*(invoice(month * 1_000 + n, vendor=f"v{n}", at=at + timedelta(minutes=n)) for n in range(900)))
    with office.database.writing() as connection:
        connection.exec_driver_sql("ANALYZE events")
    march = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    for read, index in (
        (lambda archive: archive.events(march, subject="vendor/v7"), "subject_timestamp_number_idx"),
        (lambda archive: archive.events(march), "timestamp_number_idx"),
        (lambda archive: archive.events(march, department="hr"), "department_timestamp_number_idx"),
        (lambda archive: archive.events(march, id="e-0-3007"), "id_number_idx"),
    ):
        plan = plans(office, read)
        assert set(re.findall(r"events_2026_\d\d", plan)) == {"events_2026_03"}, plan
        assert f"events_2026_03_{index}" in plan, plan
    plan = plans(office, lambda archive: archive.events(after=Cursor(ms(datetime(2026, 2, 1, tzinfo=UTC)), 1)))
    assert set(re.findall(r"events_2026_\d\d", plan)) == {"events_2026_01", "events_2026_02"}, plan
    plan = plans(office, lambda archive: archive.record("events.accounting", 0, 3_007))
    assert "events_2026_03_pkey" in plan, plan


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_months_are_made_as_they_come_and_dropped_whole(office: Archiving) -> None:
    stamps = (datetime(1970, 1, 1, tzinfo=UTC), *(datetime(2026, month, 28, tzinfo=UTC) for month in (1, 2, 3)))
    office.takes(*(invoice(n, at=at) for n, at in enumerate(stamps)), invoice(9, at=datetime(2150, 1, 1, tzinfo=UTC)))

    def parts() -> list[str]:
        with office.archive.connection() as connection:
            query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass"
            return sorted(connection.exec_driver_sql(query).scalars())

    assert parts() == ["events_1999_12", "events_2026_01", "events_2026_02", "events_2026_03", "events_2100_01"]
    now = datetime(2026, 3, 31, tzinfo=UTC)
    retain(office.database, RetentionSettings(events=40), ms(now))
    assert parts() == ["events_2026_02", "events_2026_03", "events_2100_01"], "of February some days are kept"
    assert [one.offset for one in office.archive.events().entries] == [9, 3, 2]
    office.takes(invoice(10, at=stamps[1]))
    assert "events_2026_01" in parts(), "what comes late has its month again"


# Each record once


TOPICS = ("events.accounting", "alerts", "notices")


def record(topic: str, offset: int) -> Stood:
    if topic == "alerts":
        return alert(offset, at=START + timedelta(milliseconds=offset))
    return said(notice(), "receiver/it", offset) if topic == "notices" else invoice(offset)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.tuples(st.sampled_from(TOPICS), st.integers(1, 4), st.sampled_from(["written", "killed", "stale", "again"])),
        max_size=12,
    )
)
def test_any_sequence_of_batches_kills_and_replays_gives_each_record_once(
    base: Database, plan: list[tuple[str, int, str]]
) -> None:
    """`killed`: the process ends before the commit. `stale`: an older writer tries its batch after another has written
    it. `again`: the same batch is sent twice."""
    with base.writing() as connection:
        base.create(connection)
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    office = Archiving(base)
    base_of = dict.fromkeys(TOPICS, 0)
    for topic, count, fate in plan:
        records = [record(topic, base_of[topic] + n) for n in range(count)]
        batch = office.batch(records)
        if fate == "killed":
            with pytest.raises(KeyboardInterrupt):
                _killed_before_commit(office, batch)
            continue
        if fate == "stale":
            office.takes(*records[:1])
            with pytest.raises(Lost):
                office.writer.write(batch.records, batch.moves)
            base_of[topic] += 1
            continue
        office.writer.write(batch.records, batch.moves)
        if fate == "again":
            with pytest.raises(Lost):
                office.writer.write(batch.records, batch.moves)
        base_of[topic] += count
    for topic, table in zip(TOPICS, (events, alert_states, LOGS["notices"]), strict=True):
        with base.engine.connect() as connection:
            offsets = connection.scalars(select(table.c.offset).order_by(table.c.offset)).all()
        assert offsets == list(range(base_of[topic]))
        hour = ms(START) // HOUR * HOUR
        counted = office.archive.counts(kind=table.name, by=["hour"])
        assert [(ms(one.hour), one.records) for one in counted if one.hour] == [(hour, base_of[topic])] * bool(
            base_of[topic]
        )


def _killed_before_commit(office: Archiving, batch: Batch) -> None:
    class Dies(Writer):
        def _stand(self, connection: Connection, standing: Standing) -> None:
            super()._stand(connection, standing)
            raise KeyboardInterrupt

    Dies(office.database).write(batch.records, batch.moves)
