"""What every importer keeps to: each line is an event or a reason, twice the same, and nothing stops half-way."""

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from backoffice.mappings import known, names
from producers.importers import Imported, Importer, Rejected, UnusableFile
from schemas.codec import Decoder, encode
from schemas.envelope import About
from tests.incident_log import COLUMNS, HEADER

Sample = Callable[[], str]


def it_incidents() -> str:
    """A few lines in the format of the log; the third is older than the second, the last has unknowns."""
    usual = {
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
    lines = [
        usual | {"source_row": "11", "number": "INC0000045", "sys_updated_at": "29/2/2016 01:23"},
        usual | {"source_row": "12", "number": "INC0000045", "sys_updated_at": "1/3/2016 08:00"},
        usual | {"source_row": "15", "number": "INC0000047", "sys_updated_at": "29/2/2016 09:00"},
        usual
        | {"source_row": "14", "number": "INC0000045", "sys_updated_at": "5/3/2016 12:00", "incident_state": "Closed"},
        usual | {"source_row": "13", "number": "INC0000048", "sys_updated_at": "6/3/2016 12:00", "made_sla": "?"},
    ]
    return "\n".join([HEADER, *(",".join(line.get(name, "?") for name in COLUMNS) for line in lines)]) + "\n"


SAMPLES: Mapping[str, Sample] = {"it-incidents": it_incidents}


@pytest.fixture(params=names())
def importer(request: pytest.FixtureRequest) -> Importer:
    return known(request.param)


@pytest.fixture
def sample(importer: Importer) -> str:
    assert importer.name in SAMPLES, f"give {importer.name} a sample here"
    return SAMPLES[importer.name]()


@pytest.fixture
def log(sample: str, tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(sample)
    return path


def spoiled(log: Path, **lines: bytes) -> Path:
    """The log with lines of rubbish put in: `after_2=b"..."` behind the second data line."""
    rows = log.read_bytes().splitlines(keepends=True)
    for place, line in sorted(lines.items(), reverse=True):
        rows.insert(int(place.removeprefix("after_")) + 1, line + b"\n")
    log.write_bytes(b"".join(rows))
    return log


def test_every_line_is_an_event_of_the_department(importer: Importer, log: Path) -> None:
    outcomes = list(importer.read(log))
    assert len(outcomes) == len(log.read_text().splitlines()) - 1
    for outcome in outcomes:
        assert isinstance(outcome, Imported), outcome
        assert isinstance(outcome.event, importer.events)
        assert outcome.event.topic.removeprefix("events.") in importer.departments
        assert outcome.at.tzinfo is UTC


def test_what_is_imported_can_be_sent_and_read_back(importer: Importer, log: Path) -> None:
    decoder = Decoder(importer.events)
    for outcome in importer.read(log):
        assert isinstance(outcome, Imported)
        about = About(outcome.id, outcome.source, outcome.subject, outcome.at)
        assert decoder.decode(encode(outcome.event, about)) == outcome.event


def test_rows_are_numbered_and_ids_are_unique(importer: Importer, log: Path) -> None:
    outcomes = [o for o in importer.read(log) if isinstance(o, Imported)]
    assert [o.row for o in outcomes] == list(range(1, len(outcomes) + 1))
    assert len({o.id for o in outcomes}) == len(outcomes)


def test_the_same_file_says_the_same_twice_wherever_it_lies(importer: Importer, log: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.csv"
    copy.write_bytes(log.read_bytes())
    assert list(importer.read(log)) == list(importer.read(copy))


def test_reading_may_be_of_the_first_rows_alone(importer: Importer, log: Path) -> None:
    spoiled(log, after_1=b"rubbish")
    whole = list(importer.read(log))
    for rows in range(len(whole) + 2):
        assert list(importer.read(log, rows=rows)) == whole[:rows]


def test_gzip_is_told_by_its_content_not_its_name(importer: Importer, log: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "zipped.csv"
    zipped.write_bytes(gzip.compress(log.read_bytes()))
    assert list(importer.read(zipped)) == list(importer.read(log))


def test_lines_out_of_the_order_of_time_are_flagged(importer: Importer, log: Path) -> None:
    outcomes = [o for o in importer.read(log) if isinstance(o, Imported)]
    for earlier, later in pairwise(outcomes):
        if later.at < earlier.at:
            assert later.late
    assert [o.late for o in outcomes] == [False, False, True, False, False]


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
    importer: Importer, sample: str, tmp_path: Path
) -> None:
    header, *lines = sample.splitlines(keepends=True)
    whole = gzip.compress((header + "".join(lines) * 2_000).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    reading = importer.read(tmp_path / "cut.csv.gz")
    assert isinstance(next(reading), Imported)
    with pytest.raises(UnusableFile, match="damaged after row"):
        list(reading)
