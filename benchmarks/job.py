"""The job that every contender does, and how it is told to: watch each vendor's invoices, say which are unusual."""

import json
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

FACTOR = 6
"""An invoice of more than this many times its vendor's mean so far is unusual."""

AFTER = 10
"""Invoices of a vendor before any of it can be unusual."""

RULE = "accounting.unusual_amount"

SEEN_WINDOW = timedelta(days=7)
"""How long a second event with the same source and id is dropped, where duplicates are."""

SOURCE = "/benchmarks/invoices"

Shape = Literal["means", "remember", "entries"]
"""What is kept per vendor: `means`: count, total and largest, the job proper; `remember`: the last invoice, a row
of about 200 bytes; `entries`: a row per invoice number, in a collection."""


@dataclass(frozen=True, slots=True)
class Job:
    """One contender's run. Topics by their full names; `work_dir` is its own and empty."""

    bootstrap: str
    run: str
    space: str
    inbox: str
    alerts: str
    dead_letters: str
    group: str
    work_dir: str
    partitions: int
    guarantee: str = "at_least_once"
    commit_interval_ms: int | None = None
    drop_duplicates: bool = False
    shape: Shape = "means"
    store: str = "memory"
    session: float | None = None
    factor: int = FACTOR
    after: int = AFTER

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def told() -> Job:
    """The job on the command line of a contender. Raises SystemExit with what is wrong."""
    try:
        return Job(**json.loads(sys.argv[1]))
    except (IndexError, ValueError, TypeError) as error:
        raise SystemExit(f"one argument is wanted, a job as JSON: {error}") from error
