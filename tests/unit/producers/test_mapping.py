"""Mapping files: what a user can say of a log, and what comes of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice import mappings
from backoffice.config.problems import ConfigurationError
from producers.importers import Imported, Importer, Rejected, UnusableFile
from producers.importers.tables import identity
from schemas.accounting import InvoiceReceived, PaymentMade
from schemas.front_office import ComplaintAnswered, ComplaintReceived
from schemas.hr import ExitInterviewed

INVOICES = """
    name: ledger
    doc: Invoices of an old ledger.
    time: {column: booked, format: "%d.%m.%Y"}
    id: "{no}"
    events:
      - type: accounting.invoice.received
        when: {kind: invoice}
        subject: "{vendor}"
        fields:
          invoice: "RE-{no}"
          number: "{no}"
          amount: {amount: {column: sum, as: decimal}, currency: EUR}
          issued_on: {column: booked, as: date, format: "%d.%m.%Y"}
          due_on: {column: due, as: date, format: ["%d.%m.%Y", "%m/%Y", "%Y"]}
          lines:
            - {line: "{line}", value: {amount: {column: sum, as: decimal}}}
      - type: accounting.payment.made
        when: {kind: [payment, transfer], sum: {not: "0"}}
        subject: "{vendor}"
        fields:
          payment: "P-{no}"
          amount: {amount: {column: sum, as: decimal}}
          paid_on: {column: booked, as: date, format: "%d.%m.%Y"}
          invoice: {column: for, map: {none: null, "*": other}}
"""
HEADER = "no,kind,vendor,booked,sum,due,line,for\n"

Read = Callable[[str], list[Imported | Rejected]]


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[[str], Importer]:
    """The importer of a mapping file with this content."""

    def load(text: str) -> Importer:
        path = tmp_path / "mapping.yaml"
        path.write_text(dedent(text))
        return mappings.load(path)

    return load


@pytest.fixture
def read(mapped: Callable[[str], Importer], tmp_path: Path) -> Callable[[str, str], list[Imported | Rejected]]:
    """What a mapping makes of a log with this content."""

    def reading(mapping: str, log: str) -> list[Imported | Rejected]:
        path = tmp_path / "log"
        path.write_text(log)
        return list(mapped(mapping).read(path))

    return reading


Reading = Callable[[str, str], list[Imported | Rejected]]


def only(outcomes: list[Imported | Rejected]) -> Imported:
    (outcome,) = outcomes
    assert isinstance(outcome, Imported), outcome
    return outcome


def test_a_row_becomes_the_event_its_condition_says(read: Reading) -> None:
    found = only(
        read(INVOICES, HEADER + "17,invoice,acme,05.03.2026,12.50,04.2026,10,\n".replace("04.2026", "04/2026"))
    )
    assert (found.subject, found.id, found.at) == ("vendor/acme", "ledger/17", datetime(2026, 3, 5, tzinfo=UTC))
    assert isinstance(found.event, InvoiceReceived)
    assert (found.event.invoice, found.event.number) == ("RE-17", "17")
    assert (found.event.amount.amount, found.event.amount.currency) == (Decimal("12.50"), "EUR")
    assert (found.event.issued_on, found.event.due_on) == (date(2026, 3, 5), date(2026, 4, 1))
    assert [(line.line, line.value.amount) for line in found.event.lines] == [("10", Decimal("12.50"))]


def test_what_a_cell_leaves_out_is_left_out_of_the_event(read: Reading) -> None:
    found = only(read(INVOICES, HEADER + "17,invoice,acme,05.03.2026,12.50,?,10,\n"))
    assert isinstance(found.event, InvoiceReceived)
    assert found.event.due_on is None


@pytest.mark.parametrize(("kind", "cell", "invoice"), [("payment", "none", None), ("transfer", "RE-1", "other")])
def test_texts_stand_for_what_their_map_says(read: Reading, kind: str, cell: str, invoice: str | None) -> None:
    found = only(read(INVOICES, HEADER + f"18,{kind},acme,05.03.2026,12.50,,,{cell}\n"))
    assert isinstance(found.event, PaymentMade)
    assert found.event.invoice == invoice


@pytest.mark.parametrize(
    ("cell", "left"), [("30.06.2027", "2027-06-30"), ("06/2027", "2027-06"), ("2027", "2027"), ("13/2027", None)]
)
def test_a_period_is_as_exact_as_the_format_that_fits(read: Reading, cell: str, left: str | None) -> None:
    mapping = """
        name: leavers
        doc: Leavers.
        time: {column: asked}
        events:
          - type: hr.exit.interviewed
            subject: "{id}"
            fields:
              separation: other
              left: {column: left, as: period, format: ["%d.%m.%Y", "%m/%Y", "%Y"]}
              joined: {column: asked, as: period}
    """
    (outcome,) = read(mapping, f"id,asked,left\n1,2027-07-01,{cell}\n")
    if left is None:
        assert str(outcome) == "row 1: bad date: left"
    else:
        event = only([outcome]).event
        assert isinstance(event, ExitInterviewed)
        assert (event.joined, event.left) == ("2027-07-01", left)


def test_a_digest_tells_rows_apart_whatever_they_leave_out(read: Reading) -> None:
    mapping = """
        name: desk
        doc: Complaints.
        time: {column: received}
        events:
          - type: front_office.complaint.received
            subject: "{id}"
            fields:
              received_at: {column: received, as: time}
              fingerprint: {text: "{client}|{words}", as: digest}
    """
    rows = ("1,2026-01-05,ann,", "2,2026-01-05,,ann", "3,2026-01-06,ann,", "4,2026-01-06,ann,late")
    outcomes = read(mapping, "\n".join(("id,received,client,words", *rows)) + "\n")
    first, other, same, longer = (getattr(only([outcome]).event, "fingerprint") for outcome in outcomes)  # noqa: B009
    assert first == same
    assert len({first, other, longer}) == 3
    assert "ann" not in first


def test_a_row_that_is_none_of_the_events_is_rejected_unless_they_are_to_be_ignored(read: Reading) -> None:
    log = HEADER + "1,memo,acme,05.03.2026,1,,,\n2,payment,acme,05.03.2026,0,,,\n"
    assert read(INVOICES, log) == [Rejected(1, "none of the events"), Rejected(2, "none of the events")]
    assert read(INVOICES.replace("id:", "otherwise: ignore\n    id:"), log) == []


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        ("1,invoice,acme,05.03.2026,much,,10,", "not a number", "sum"),
        ("1,invoice,acme,05.03.2026,NaN,,10,", "not a number", "sum"),
        ("1,invoice,acme,5 March,1,,10,", "bad date", "booked"),
        ("1,invoice,,05.03.2026,1,,10,", "missing vendor", "vendor"),
        ("1,invoice, acme,05.03.2026,1,,10,", "bad vendor", "vendor"),
        ("1,invoice,acme,05.03.2026,1,soon,10,", "bad date", "due"),
        ("?,invoice,acme,05.03.2026,1,,10,", "missing no", "no"),
        ("1,invoice,acme,05.03.2026,1", "wrong number of columns", "5 instead of 8"),
    ],
)
def test_a_row_that_does_not_say_what_it_should_is_rejected_by_column(
    read: Reading, row: str, reason: str, detail: str
) -> None:
    assert read(INVOICES, HEADER + row + "\n") == [Rejected(1, reason, detail)]


COMPLAINTS = """
    name: desk
    doc: Complaints, one row each, with the answer beside it.
    time: {column: received}
    events:
      - type: front_office.complaint.received
        subject: "{no}"
        fields: {customer: "{who}", received_at: {column: received, as: time}}
      - type: front_office.complaint.answered
        when: {answered: {known: true}}
        subject: "{no}"
        time: {column: answered}
        fields: {by: desk, final: true}
"""


def test_what_a_row_tells_of_later_waits_for_its_turn(read: Reading) -> None:
    """A complaint's answer stands in the row of its receipt, but came after the next complaint."""
    log = (
        "no,who,received,answered\n"
        "1,a,2026-03-01T08:00,2026-03-01T12:00\n"
        "2,b,2026-03-01T09:00,\n"
        "3,c,2026-03-01T12:00,2026-03-01T12:00\n"
    )
    found = [o for o in read(COMPLAINTS, log) if isinstance(o, Imported)]
    assert [(o.subject, type(o.event)) for o in found] == [
        ("complaint/1", ComplaintReceived),
        ("complaint/2", ComplaintReceived),
        ("complaint/1", ComplaintAnswered),
        ("complaint/3", ComplaintReceived),
        ("complaint/3", ComplaintAnswered),
    ]
    assert not any(o.late for o in found)
    assert len({(o.source, o.id) for o in found}) == 5


def test_what_a_row_tells_of_earlier_is_late(read: Reading) -> None:
    found = read(COMPLAINTS, "no,who,received,answered\n1,a,2026-03-01T08:00,2026-02-01T12:00\n2,b,2026-03-02T08:00,\n")
    assert [(o.row, o.late) for o in found if isinstance(o, Imported)] == [(1, False), (1, False), (2, False)]
    found = read(COMPLAINTS, "no,who,received,answered\n1,a,2026-03-02T08:00,\n2,b,2026-03-01T08:00,\n")
    assert [(o.row, o.late) for o in found if isinstance(o, Imported)] == [(1, False), (2, True)]


def test_a_file_out_of_order_is_sorted_when_its_mapping_says_so(read: Reading) -> None:
    log = "no,who,received,answered\n2,b,2026-03-02T08:00,\n1,a,2026-03-01T08:00,\n0,c,never,\n3,d,2026-03-02T08:00,\n"
    found = read(COMPLAINTS.replace("name: desk", "name: desk\n    sort: true"), log)
    assert [(o.row, isinstance(o, Imported)) for o in found] == [(2, True), (1, True), (4, True), (3, False)]
    assert not any(o.late for o in found if isinstance(o, Imported))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 50))), max_size=20))
def test_events_of_sorted_rows_come_in_order_of_time(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int | None]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "mapping.yaml"
    path.write_text(dedent(COMPLAINTS))
    log = path.with_name("log.csv")
    lines = [
        f"{n},a,2026-03-01T08:{received:02},{'' if later is None else f'2026-03-01T09:{later:02}'}"
        for n, (received, later) in enumerate(sorted(rows, key=lambda row: row[0]))
    ]
    log.write_text("\n".join(["no,who,received,answered", *lines, ""]))
    found = [o for o in mappings.load(path).read(log) if isinstance(o, Imported)]
    assert len(found) == len(rows) + sum(later is not None for _, later in rows)
    assert [o.at for o in found] == sorted(o.at for o in found)
    assert not any(o.late for o in found)


def test_a_row_without_a_time_may_be_of_the_time_of_the_row_before(read: Reading) -> None:
    mapping = COMPLAINTS.replace("time: {column: received}", "time: {column: received, missing: previous}").replace(
        "received_at: {column: received, as: time}", "received_at: 2026-03-01T00:00:00Z"
    )
    found = read(mapping, "no,who,received,answered\n1,a,2026-03-01T08:00,\n2,b,,\n")
    assert [o.at.hour for o in found if isinstance(o, Imported)] == [8, 8]


def test_times_are_of_the_mappings_zone_unless_they_name_their_own(read: Reading) -> None:
    mapping = COMPLAINTS.replace("name: desk", "name: desk\n    time_zone: Europe/Vienna")
    found = read(mapping, "no,who,received,answered\n1,a,2026-07-01T08:00,\n2,b,2026-07-01T08:00+00:00,\n")
    assert [o.at.hour for o in found if isinstance(o, Imported)] == [6, 8]


def test_rows_of_different_files_are_different_events_and_of_a_grown_file_the_same(
    mapped: Callable[[str], Importer], tmp_path: Path
) -> None:
    header, first, second = "no,who,received,answered\n", "1,a,2026-03-01T08:00,\n", "2,b,2026-03-02T08:00,\n"

    def ids(text: str) -> list[tuple[str, str]]:
        path = tmp_path / "log.csv"
        path.write_text(text)
        return [(o.source, o.id) for o in mapped(COMPLAINTS).read(path) if isinstance(o, Imported)]

    assert ids(header + first) == ids(header + first + second)[:1]
    assert ids(header + first) != ids(header + second)


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <trace><string key="concept:name" value="C-1"/><string key="client" value="a"/>
    <event><string key="concept:name" value="received"/><date key="time:timestamp" value="2026-03-02T08:00:00+01:00"/></event>
    <event><string key="concept:name" value="closed"/><date key="time:timestamp" value="2026-03-04T08:00:00+01:00"/></event>
  </trace>
  <trace><string key="concept:name" value="C-2"/><string key="client" value="b"/>
    <event><string key="concept:name" value="received"/><date key="time:timestamp" value="2026-03-03T08:00:00+01:00"/></event>
  </trace>
</log>
"""  # noqa: E501 - as the files are

TRACES = """
    name: desk-xes
    doc: Complaints as XES.
    time: {column: "time:timestamp"}
    events:
      - type: front_office.complaint.received
        when: {"concept:name": received}
        subject: "{case:concept:name}"
        fields: {customer: "{case:client}", received_at: {column: "time:timestamp", as: time}}
      - type: front_office.complaint.resolved
        when: {"concept:name": {matches: "clos.*"}}
        subject: "{case:concept:name}"
"""


def test_xes_is_read_in_order_of_time_over_all_traces(read: Reading) -> None:
    found = [o for o in read(TRACES, XES) if isinstance(o, Imported)]
    assert [(o.subject, o.event.type.rpartition(".")[2], o.at.day) for o in found] == [
        ("complaint/C-1", "received", 2),
        ("complaint/C-2", "received", 3),
        ("complaint/C-1", "resolved", 4),
    ]


def test_an_xes_file_is_told_from_another_one_whatever_is_read_of_it(
    mapped: Callable[[str], Importer], tmp_path: Path
) -> None:
    """An import asks which file it is before it reads any column of it, and each row by its number in that file."""
    log, grown, other = (tmp_path / name for name in ("log.xes", "grown.xes", "other.xes"))
    log.write_text(XES)
    grown.write_text(XES.replace("</log>", XES[XES.index("<trace>") : XES.index("</trace>")] + "</trace></log>"))
    other.write_text(XES.replace("C-1", "C-9"))
    assert identity(log) == identity(grown) != identity(other)
    sources = {each.source for each in mapped(TRACES).read(log) if isinstance(each, Imported)}
    assert len(sources) == 1
    assert identity(log) in str(sources)


def test_xes_that_breaks_off_or_is_of_another_kind_is_said(read: Reading) -> None:
    with pytest.raises(UnusableFile, match="not XES after event 2"):
        read(TRACES, XES[: XES.index("C-2")])
    with pytest.raises(UnusableFile, match="no attribute"):
        read(TRACES, "<log><trace><event><string key='a' value='b'/></event></trace></log>")


@pytest.mark.parametrize(
    ("change", "to", "line", "says"),
    [
        ("accounting.invoice.received", "accounting.invoice.recieved", 7, "there is no event type"),
        ("accounting.invoice.received", "accounting.finding.reviewed", 7, "may be about anything"),
        ("number:", "nummer:", 12, "has no such field, only invoice, number"),
        ("number:", "# number:", 10, "accounting.invoice.received needs number"),
        ("as: decimal", "as: money", 13, "input should be 'text'"),
        ("kind: invoice}", "kind: 1}", 8, "write it in quotes, '1'"),
        ('"{no}"', '"{no}"\n    speed: high', 6, "unknown key"),
        ('"{no}"', '"{no}"\n    time_zone: Vienna', 6, "not an IANA time zone"),
        ('"{no}"', '"{no}"\n    rules: {acounting: {}}', 6, "no such department"),
        ('"{no}"', '"{no}"\n    rules: {accounting: {tolerance: 2}}', 6, "unknown key"),
        ("kind: invoice}", 'kind: {matches: "("}}', 8, "not a regular expression"),
        ("{column: booked, as: date", "{text: x, column: booked, as: date", 14, "either column or text"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_with_its_line(
    mapped: Callable[[str], Importer], change: str, to: str, line: int, says: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        mapped(INVOICES.replace(change, to, 1))
    (problem, *_) = caught.value.problems
    assert says in problem.what
    assert problem.line == line


@pytest.mark.parametrize("name", mappings.names())
def test_our_own_mappings_are_named_as_their_files(name: str) -> None:
    importer = mappings.known(name)
    assert importer.name == name
    assert importer.doc.endswith(".")
    assert importer.departments
