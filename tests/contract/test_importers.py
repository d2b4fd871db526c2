"""What every importer keeps to: each line is an event or a reason, twice the same, and nothing stops half-way."""

import csv
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from backoffice.config.document import Document
from backoffice.mappings import known, names
from producers.importers import MAPPINGS, Imported, Importer, Rejected, UnusableFile
from schemas.codec import encode
from schemas.envelope import About
from tests.incident_log import COLUMNS
from tests.office import reader_of


@dataclass(frozen=True)
class Sample:
    """A few lines of a log, as what their cells say; what is not said is left empty. `late`: rows that come late."""

    lines: tuple[Mapping[str, str], ...]
    usual: Mapping[str, str] = field(default_factory=dict)
    late: tuple[int, ...] = ()
    sorted: bool = False
    """The mapping has the file sorted first, so nothing is read of one that breaks off."""

    def text(self) -> str:
        header = list(dict.fromkeys(name for line in self.lines for name in (*self.usual, *line)))
        out = io.StringIO()
        writer = csv.DictWriter(out, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**self.usual, **line} for line in self.lines)
        return out.getvalue()


def it_incidents() -> Sample:
    """In the format of the log; the third line is older than the second, the last has unknowns."""
    usual = dict.fromkeys(COLUMNS, "?") | {
        "incident_state": "Active",
        "priority": "3 - Moderate",
        "opened_at": "29/2/2016 01:16",
        "reassignment_count": "0",
        "reopen_count": "0",
        "sys_mod_count": "1",
        "made_sla": "true",
        "category": "Category 5",
        "resolved_at": "29/2/2016 11:29",
        "closed_at": "5/3/2016 12:00",
        "closed_code": "code 5",
    }
    lines = (
        {"source_row": "11", "number": "INC0000045", "sys_updated_at": "29/2/2016 01:23"},
        {"source_row": "12", "number": "INC0000045", "sys_updated_at": "1/3/2016 08:00"},
        {"source_row": "15", "number": "INC0000047", "sys_updated_at": "29/2/2016 09:00"},
        {"source_row": "14", "number": "INC0000045", "sys_updated_at": "5/3/2016 12:00", "incident_state": "Closed"},
        {"source_row": "13", "number": "INC0000048", "sys_updated_at": "6/3/2016 12:00", "made_sla": "?"},
    )
    return Sample(lines, usual, late=(3,))


def hospital_pathways() -> Sample:
    tests = {"CRP": "", "LacticAcid": "", "Leucocytes": "", "SIRSCriteria2OrMore": ""}
    lines = (
        {"source_row": "1", "activity": "ER Registration", "timestamp": "2014-10-22T11:15:41+02:00"},
        {"source_row": "2", "activity": "ER Triage", "timestamp": "2014-10-22T11:33:37+02:00"},
        {"source_row": "3", "activity": "CRP", "timestamp": "2014-10-22T11:27:00+02:00", "CRP": "210"},
        {"source_row": "4", "activity": "Release A", "timestamp": "2014-11-02T15:15:00+01:00"},
    )
    return Sample(lines, {"case_id": "NA", **tests}, late=(3,))


def loan_applications() -> Sample:
    lines = (
        {"source_row": "1", "activity": "A_SUBMITTED", "timestamp": "2011-10-01T00:38:44.546+02:00"},
        {"source_row": "2", "activity": "W_Beoordelen fraude", "timestamp": "2011-10-02T11:36:46.437+02:00"},
        {"source_row": "3", "activity": "A_APPROVED", "timestamp": "2011-10-13T10:37:29.226+02:00", "resource": "112"},
    )
    return Sample(lines, {"case_id": "173688", "amount_req": "20000", "lifecycle": "COMPLETE", "resource": ""})


def exit_survey() -> Sample:
    mapping = Document.read(MAPPINGS / "exit-survey.yaml").values
    reasons = [name for each in mapping["events"][0]["fields"]["reasons"] for name in each["when"]]
    usual = {"DETE Start Date": "2004", **dict.fromkeys(reasons, "FALSE"), "Workload": "TRUE"}
    lines = (
        {"ID": "1", "SeparationType": "Resignation-Other reasons", "Cease Date": "08/2012"},
        {"ID": "2", "SeparationType": "Age Retirement", "Cease Date": "2012"},
        {"ID": "3", "SeparationType": "Other", "Cease Date": "Not Stated", "DETE Start Date": "Not Stated"},
    )
    return Sample(lines, usual, sorted=True)


def consumer_complaints() -> Sample:
    mapping = Document.read(MAPPINGS / "consumer-complaints.yaml").values
    said = mapping["events"][0]["fields"]["fingerprint"]["text"]
    usual = dict.fromkeys((cell.strip("{} ") for cell in said.split("|")), "") | {
        "Product": "Mortgage",
        "Company": "Acme, Bank & Co.",
        "Date received": "1/26/2016",
        "Date sent to company": "1/29/2016",
        "Company response to consumer": "Closed",
        "Timely response?": "Yes",
    }
    lines = (
        {"source_row": "1", "Consumer disputed?": "Yes"},
        {"source_row": "2", "Date received": "1/27/2016", "Date sent to company": "1/25/2016"},
        {"source_row": "3", "Date received": "2/1/2016", "Date sent to company": "2/1/2016"},
    )
    return Sample(lines, usual, late=(2, 2))


def purchase_to_pay() -> Sample:
    usual = {"vendor": "V-1", "purchasing_document": "4507", "item": "00010", "gr_based_inv_verif": "true"} | {
        "user": "NONE",
        "cumulative_net_worth_eur": "298.0",
    }
    activities = ("SRM: Created", "Create Purchase Order Item", "Record Goods Receipt", "Clear Invoice")
    lines = tuple(
        {"source_row": f"{n}", "activity": activity, "timestamp": f"2018-01-0{n}T23:59:00.000+01:00"}
        for n, activity in enumerate(activities, start=1)
    )
    return Sample(lines, usual)


def expense_declarations() -> Sample:
    usual = {"case_id": "declaration 1", "role": "EMPLOYEE", "amount": "26.85120450862128"} | {
        "budgetnumber": "budget 1",
        "declarationnumber": "UNKNOWN",
    }
    lines = (
        {"source_row": "1", "activity": "Declaration SUBMITTED by EMPLOYEE", "timestamp": "2017-03-26T00:30:00+01:00"},
        {"source_row": "2", "activity": "Declaration REJECTED by MISSING", "timestamp": "2017-03-26T03:10:00+02:00"},
        {"source_row": "3", "activity": "Payment Handled", "timestamp": "2017-03-27T17:31:22+02:00"},
    )
    return Sample(lines, usual, sorted=True)


def work_orders() -> Sample:
    usual = {"case_id": "Case 1", "activity": "Packing", "resource": "Packing", "worker_id": "ID1"} | {
        "report_type": "D",
        "complete_timestamp": "",
        "work_order_qty": "8",
        "qty_completed": "7",
        "qty_rejected": "1",
        "qty_for_mrb": "0",
        "rework": "",
    }
    lines = (
        {"source_row": "1", "start_timestamp": "2012-01-02T00:00:00"},
        {"source_row": "2", "start_timestamp": "2012-01-03T00:00:00", "rework": "Y"},
        {"source_row": "3", "start_timestamp": ""},
    )
    return Sample(lines, usual)


SAMPLES: Mapping[str, Sample] = {
    "it-incidents": it_incidents(),
    "hospital-pathways": hospital_pathways(),
    "loan-applications": loan_applications(),
    "exit-survey": exit_survey(),
    "consumer-complaints": consumer_complaints(),
    "purchase-to-pay": purchase_to_pay(),
    "expense-declarations": expense_declarations(),
    "work-orders": work_orders(),
}


@pytest.fixture(params=names())
def importer(request: pytest.FixtureRequest) -> Importer:
    return known(request.param)


@pytest.fixture
def sample(importer: Importer) -> Sample:
    assert importer.name in SAMPLES, f"give {importer.name} a sample here"
    return SAMPLES[importer.name]


@pytest.fixture
def log(sample: Sample, tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(sample.text())
    return path


def told(outcome: Imported | Rejected) -> tuple[int, str]:
    """Row, and id or why there is none."""
    return outcome.row, outcome.id if isinstance(outcome, Imported) else str(outcome)


def spoiled(log: Path, **lines: bytes) -> Path:
    """The log with lines of rubbish put in: `after_2=b"..."` behind the second data line."""
    rows = log.read_bytes().splitlines(keepends=True)
    for place, line in sorted(lines.items(), reverse=True):
        rows.insert(int(place.removeprefix("after_")) + 1, line + b"\n")
    log.write_bytes(b"".join(rows))
    return log


def test_every_line_is_an_event_of_the_department(importer: Importer, log: Path) -> None:
    outcomes = list(importer.read(log))
    assert {o.row for o in outcomes} == set(range(1, len(log.read_text().splitlines())))
    for outcome in outcomes:
        assert isinstance(outcome, Imported), outcome
        assert isinstance(outcome.event, importer.events)
        assert outcome.event.topic.removeprefix("events.") in importer.departments
        assert outcome.at.tzinfo is UTC


def test_what_is_imported_can_be_sent_and_read_back(importer: Importer, log: Path) -> None:
    decoder = reader_of(tuple(importer.events))
    for outcome in importer.read(log):
        assert isinstance(outcome, Imported)
        about = About(outcome.id, outcome.source, outcome.subject, outcome.at)
        assert decoder.decode(encode(outcome.event, about)) == outcome.event


def test_rows_are_numbered_and_ids_are_unique(importer: Importer, log: Path) -> None:
    outcomes = [o for o in importer.read(log) if isinstance(o, Imported)]
    assert {o.row for o in outcomes} == set(range(1, len(log.read_text().splitlines())))
    assert len({o.id for o in outcomes}) == len(outcomes)


def test_the_same_file_says_the_same_twice_wherever_it_lies(importer: Importer, log: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.csv"
    copy.write_bytes(log.read_bytes())
    assert list(importer.read(log)) == list(importer.read(copy))


def test_reading_may_be_of_the_first_rows_alone(importer: Importer, log: Path) -> None:
    spoiled(log, after_1=b"rubbish")
    whole = {told(o) for o in importer.read(log)}
    for rows in range(len(log.read_text().splitlines()) + 1):
        assert {told(o) for o in importer.read(log, rows=rows)} == {each for each in whole if each[0] <= rows}


def test_gzip_is_told_by_its_content_not_its_name(importer: Importer, log: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "zipped.csv"
    zipped.write_bytes(gzip.compress(log.read_bytes()))
    assert list(importer.read(zipped)) == list(importer.read(log))


def test_lines_out_of_the_order_of_time_are_flagged(importer: Importer, log: Path, sample: Sample) -> None:
    outcomes = [o for o in importer.read(log) if isinstance(o, Imported)]
    for earlier, later in pairwise(outcomes):
        if later.at < earlier.at:
            assert later.late
    assert tuple(o.row for o in outcomes if o.late) == sample.late


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"rubbish", b'"a quote that never closes,x', b"\xff\xfe\x00,,", b"," * 500, b'"' + b"x" * 200_000 + b'"'],
    ids=["empty", "one cell", "open quote", "not UTF-8", "many cells", "a huge cell"],
)
def test_a_malformed_line_is_rejected_with_a_reason_and_the_rest_goes_on(
    importer: Importer, log: Path, rubbish: bytes
) -> None:
    good = len(list(importer.read(log)))
    outcomes = list(importer.read(spoiled(log, after_2=rubbish)))
    rejected = [o for o in outcomes if isinstance(o, Rejected)]
    assert [r.row for r in rejected] == [3]
    assert rejected[0].reason
    assert len(outcomes) == good + 1


def test_another_kind_of_file_is_refused_as_a_whole(importer: Importer, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,colour\nrose,red\n")
    with pytest.raises(UnusableFile, match=r"no column .* another kind of file"):
        list(importer.read(other))


def test_a_file_that_is_not_there_or_empty_is_said(importer: Importer, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"absent\.csv: No such file"):
        list(importer.read(tmp_path / "absent.csv"))
    (tmp_path / "empty.csv").touch()
    with pytest.raises(UnusableFile, match="no column"):
        list(importer.read(tmp_path / "empty.csv"))


def test_a_gzip_that_breaks_off_gives_what_it_has_and_then_says_so(
    importer: Importer, sample: Sample, tmp_path: Path
) -> None:
    header, *lines = sample.text().splitlines(keepends=True)
    whole = gzip.compress((header + "".join(lines) * 2_000).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    reading = importer.read(tmp_path / "cut.csv.gz")
    if not sample.sorted:
        assert isinstance(next(reading), Imported)
    with pytest.raises(UnusableFile, match="damaged after row"):
        list(reading)
