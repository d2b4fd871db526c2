"""Malformed records among good ones: each bad one is a dead letter exactly once, whole; each good one counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, cast

import pytest

from backoffice.registry import departments
from backoffice.states import states
from processors.engine.outbox import partition_of
from processors.fold import Fold, decoder_of
from processors.records import Record
from schemas.codec import HEADERS, Headers, Unreadable
from schemas.processing import DeadLetterHeaders as H
from schemas.topics import Space
from tests.chaos.custom_worker import Crew, Custom, working
from tests.chaos.forms import pick
from tests.chaos.malformed import malformed
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, drained, own_space
from tests.chaos.unusual import TURNS
from tests.chaos.valid import MANY_VENDORS, Sent, any_event, invoice
from tests.chaos.ways import VALUE, WAYS
from tests.kafka import oracle
from tests.kafka.program import in_the_end
from tests.kafka.topics import Stood, records

pytestmark = pytest.mark.kafka

MALFORMED = pick(3_000, 100_000)
FLIPPED = pick(1_000, 30_000)
GOOD = pick(1_000, 30_000)
NO_LIMIT = {"dead_letter_share": 1.0}
"""Most of what is sent here is bad: a worker with the usual limit would stop, and be right."""

Place = tuple[str, int, int]
"""Topic (without the space), partition and offset of a record."""


class Judged(NamedTuple):
    """A record, what was done to it, and the stage at which it must fail; None: it must be applied."""

    what: str
    stage: str | None
    sent: Sent


def flipped(rng: Random, count: int) -> Iterator[Judged]:
    """Valid events with one to four bytes changed; the pure decoder says which of them are still events."""
    decoders = {d.inbox: decoder_of(d.events) for d in departments()}
    for n in range(count):
        sent = any_event(rng, 10**7 + n).sent()
        value = bytearray(sent.value or b"")
        for _ in range(rng.randint(1, 4)):
            value[rng.randrange(len(value))] ^= 1 << rng.randrange(8)
        sent = sent._replace(value=bytes(value))
        stage = None
        try:
            event = decoders[sent.inbox].decode(sent.value, HEADERS)
            stage = None if event.about.subject.encode() == sent.key else VALUE
        except Unreadable as error:
            stage = error.stage
        yield Judged("flipped bytes", stage, sent)


def good(rng: Random, count: int) -> Iterator[Judged]:
    """Invoices in every unusual and right way of writing them."""
    for n in range(count):
        turn = TURNS[n % len(TURNS)]
        yield Judged(turn.__name__, None, turn(invoice(n), rng))


def mixed(rng: Random) -> list[Judged]:
    """All of them, shuffled."""
    broken = (Judged(*each) for each in islice(malformed(rng), MALFORMED))
    everything = [*broken, *flipped(rng, FLIPPED), *good(rng, GOOD)]
    rng.shuffle(everything)
    return everything


def send(sender: Sender, space: Space, everything: Sequence[Judged]) -> dict[Place, Judged]:
    """Sends them as they are; returns where each came to stand."""
    for _, _, sent in everything:
        partition = partition_of(sent.key, PARTITIONS) if sent.key is not None else None
        sender.send(space.topic(sent.inbox), sent.key, sent.value, sent.headers, partition)
    placed = zip(sender.placed()[-len(everything) :], everything, strict=True)
    return {(space.short(topic), partition, offset): judged for (topic, partition, offset), judged in placed}


def buried(letters: Sequence[Stood]) -> Counter[Place]:
    """Where the dead letters say they stood."""
    why = (_why(letter) for letter in letters)
    return Counter((said[H.TOPIC], int(said[H.PARTITION]), int(said[H.OFFSET])) for said in why)


def _why(letter: Stood) -> dict[str, str]:
    return {name: value.decode() for name, value in letter.headers if name.startswith("__connect.errors.")}


def differences(letters: Iterable[Stood], sent: Mapping[Place, Judged]) -> list[str]:
    """What is wrong with each dead letter: its stage, or that it is not the record that was sent."""
    found = []
    for letter in letters:
        why = _why(letter)
        judged = sent[why[H.TOPIC], int(why[H.PARTITION]), int(why[H.OFFSET])]
        if why[H.STAGE] != judged.stage:
            said = f"{why[H.EXCEPTION]}: {why[H.MESSAGE][:200]}"
            found.append(f"{judged.what}: {why[H.STAGE]} instead of {judged.stage} ({said}): {judged.sent}"[:800])
        original = tuple((name, value) for name, value in letter.headers if not name.startswith("__connect.errors."))
        if (letter.key, letter.value, original) != (judged.sent.key, judged.sent.value, tuple(judged.sent.headers)):
            found.append(f"{judged.what}: {letter} is not what was sent: {judged.sent}"[:800])
    return found


def test_the_pure_fold_agrees_with_the_grammar() -> None:
    """Without a broker, and so quickly: every way of breaking an event, a hundred times."""
    folds = {d.inbox: Fold(d) for d in departments()}
    wrong = Counter[tuple[str, str]]()
    for n, (way, stage, sent) in enumerate(islice(malformed(Random(1)), 100 * len(WAYS))):
        outputs = folds[sent.inbox].apply(
            Record(sent.inbox, 0, n, 0, sent.key, sent.value, cast(Headers, sent.headers))
        )
        said = [dict(output.headers)[H.STAGE].decode() for output in outputs]
        if said != [stage]:
            wrong[way, str(said)] += 1
    assert not wrong


def test_every_bad_record_is_a_dead_letter_once_and_every_good_one_counts(
    bootstrap: str, tmp_path: Path, report: dict[str, Any]
) -> None:
    rng = Random(20)
    everything = mixed(rng)
    worker = Custom(own_space(bootstrap, "fuzz"), NO_LIMIT)
    space = worker.space
    sender = Sender(bootstrap)
    with working(bootstrap, tmp_path, worker, log="first") as first:
        sent = send(sender, space, everything[: len(everything) // 2])
        in_the_end(lambda: records(bootstrap, space.topic("dead-letters")), lambda letters: letters)
        first.kill()
    with Crew(bootstrap, tmp_path, worker, 1) as second:  # a machine too slow for its transactions ends a worker
        sent |= send(sender, space, everything[len(everything) // 2 :])
        drained(bootstrap, space, second)
    letters = records(bootstrap, space.topic("dead-letters"))
    bad = {place for place, judged in sent.items() if judged.stage is not None}
    again = {place: n for place, n in buried(letters).items() if n > 1}
    assert not again, "dead letters more than once"
    assert not [sent[place].what for place in bad - buried(letters).keys()], "no dead letters, but bad"
    assert not [sent[place].what for place in buried(letters).keys() - bad], "dead letters, but good"
    assert not differences(letters, sent)
    assert invoices(bootstrap, space) == {f"R-{n}" for n in range(GOOD)}
    oracle.check(bootstrap, space)
    report |= {"records": len(sent), "bad": len(bad), "dead_letters": len(letters), "ways": len(WAYS)}


def invoices(bootstrap: str, space: Space) -> set[str]:
    """The ids of the invoices that are in the states of the good vendors, as the changelog has them."""
    (accounting,) = (d for d in departments() if d.name == "accounting")
    good_vendors = {f"vendor/v{n}" for n in range(MANY_VENDORS)}
    found = [(key, state) for key, state in states(bootstrap, space, accounting, PARTITIONS) if key in good_vendors]
    return {invoice for _, state in found for invoice in state.invoices}  # type: ignore[attr-defined]
