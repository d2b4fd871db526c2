"""A real log in XES: the sepsis pathways as the standard writes them, and the mapping that reads them from there."""

import csv
import gzip
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from xml.sax.saxutils import quoteattr

from producers.importers import MAPPINGS

STANDARD = {"activity": "concept:name", "timestamp": "time:timestamp", "org_group": "org:group"}
"""The extensions' keys of columns that every log has. The case's name is its trace's."""

NUMBERS = {"source_row": "int", "Age": "int", "Leucocytes": "float", "CRP": "float", "LacticAcid": "float"}

BOOLEANS = {"True": "true", "False": "false"}


def written(log: Path, xes: Path) -> Path:
    """The CSV as gzipped XES: a trace a case, each cell that says something a typed attribute. Rows go case by case."""
    with log.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=itemgetter("case_id"))  # stable: within a case as in the file
    with gzip.open(xes, "wt", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        out.write('<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n')
        for case, events in groupby(rows, key=itemgetter("case_id")):
            out.write(f"<trace>{_attribute('string', 'concept:name', case)}\n")
            out.writelines(f"<event>{_event(row)}</event>\n" for row in events)
            out.write("</trace>\n")
        out.write("</log>\n")
    return xes


def mapping(file: Path) -> Path:
    """Our mapping of the pathways, for the same log in XES: other columns, the same events and rules."""
    text = (MAPPINGS / "hospital-pathways.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("name: hospital-pathways", "name: hospital-pathways-xes"),
        ("{case_id}", "{case:concept:name}"),
        ("{activity}", "{concept:name}"),
        ("{activity:", '{"concept:name":'),
        ("column: activity", 'column: "concept:name"'),
        ("column: timestamp", 'column: "time:timestamp"'),
        ('"True"', '"true"'),
    ):
        assert old in text, f"the mapping has no {old} any more"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return file


def _event(row: dict[str, str]) -> str:
    return "".join(_typed(column, cell) for column, cell in row.items() if cell and column != "case_id")


def _typed(column: str, cell: str) -> str:
    if cell in BOOLEANS:
        return _attribute("boolean", column, BOOLEANS[cell])
    kind = "date" if column == "timestamp" else NUMBERS.get(column, "string")
    return _attribute(kind, STANDARD.get(column, column), cell)


def _attribute(kind: str, key: str, value: str) -> str:
    return f"<{kind} key={quoteattr(key)} value={quoteattr(value)}/>"
