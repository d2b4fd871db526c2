"""One partition of an inbox folded again, up to where its changelog stands."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from processors.fold import Fold
from processors.records import Output, Record
from processors.slices import Hold

BATCH = 1_000
"""Records between two moments at which changed rows are laid on the shelf: what is decoded stays little."""


class Stand(NamedTuple):
    """How far a partition is: everything before `next_offset`, and `applied` records of the slice that begins there."""

    next_offset: int
    applied: int

    @classmethod
    def of(cls, fold: Fold) -> "Stand":
        return cls(fold.next_offset, fold.applied)


def in_turn(records: Iterable[Record], replay: bool) -> Iterator[Record]:
    """A partition's records in the order in which its lane applies them: slice by slice in a replay space."""
    hold = Hold() if replay else None
    for record in records:
        yield from (record,) if hold is None else hold.take((record,))


def refold(fold: Fold, records: Iterable[Record], until: Stand | None = None) -> Iterator[list[Output]]:
    """Applies records, given in turn, until the fold stands there (None: all); what comes out, a batch at a time.

    A row that is too large for a changelog is found as the engine finds it: by applying its batch again, step by step.
    """
    fold.weighs = False
    rest = iter(records)
    while part := list(islice(rest, BATCH)):
        outputs, done = _apply(fold, part, until)
        try:
            fold.take_changes()
        except ValueError:  # RowTooLarge, or what JSON and UTF-8 refuse
            fold.rollback()
            fold.weighs = True
            outputs, _ = _apply(fold, part[:done], None)
            fold.take_changes()
            fold.weighs = False
        yield outputs
        if done < len(part):
            return


def _apply(fold: Fold, part: Sequence[Record], until: Stand | None) -> tuple[list[Output], int]:
    """What came out, and how many records were applied."""
    outputs: list[Output] = []
    for done, record in enumerate(part):
        if until is not None and Stand.of(fold) == until:
            return outputs, done
        outputs += fold.apply(record)
    return outputs, len(part)
