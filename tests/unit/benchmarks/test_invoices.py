"""The events of the benchmark: as the product writes them, the same every time, the bad ones really bad."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from benchmarks.alerting import cents_of
from benchmarks.expected import Expected
from benchmarks.invoices import AGAIN_WITHIN, SPOILED, Sent, closing, encoded, invoices
from benchmarks.job import SOURCE
from schemas.accounting import InvoiceReceived
from schemas.codec import Decoder, Unreadable, encode
from schemas.envelope import About

decode = Decoder((InvoiceReceived,)).decode


def readable(sent: Sent) -> bool:
    try:
        event = decode(sent.value)
    except Unreadable:
        return False
    assert isinstance(event, InvoiceReceived)
    assert (cents_of(event), event.about.id, event.about.subject) == (sent.cents, sent.id, sent.key)
    return True


@pytest.mark.parametrize("n", [0, 1, 12_345, 4_499_999, 9_999_999])
def test_an_event_is_written_as_the_codec_writes_it(n: int) -> None:
    value = encoded(n, "e-1", "acme", 123_405)
    event = decode(value)
    about = About("e-1", SOURCE, "vendor/acme", event.about.time)
    assert value == encode(event, about)
    assert 450 <= len(value) <= 560


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    assert list(invoices(3_000)) == list(invoices(3_000))
    assert list(invoices(3_000)) != list(invoices(3_000, seed=2))


def test_there_are_as_many_as_asked_for_and_a_few_large_vendors() -> None:
    sent = list(invoices(20_000))
    vendors = Counter(each.key for each in sent)
    assert len(sent) == 20_000
    assert vendors.most_common(1)[0][1] > 20_000 / 10
    assert len(vendors) > 950


def test_exactly_those_meant_to_be_invalid_are_unreadable() -> None:
    sent = list(invoices(60_000))
    bad = [each for each in sent if each.cents is None]
    assert 20 <= len(bad) <= 120
    assert all(readable(each) is (each.cents is not None) for each in sent)


@pytest.mark.parametrize("n", range(len(SPOILED)))
def test_each_way_of_spoiling_makes_an_event_unreadable(n: int) -> None:
    whole = encoded(7, "e-00000007", "acme", 123_405)
    assert readable(Sent("vendor/acme", whole, "e-00000007", 123_405))
    with pytest.raises(Unreadable):
        decode(SPOILED[n](whole))


def test_some_events_come_a_second_time_soon_after() -> None:
    places: dict[str, list[int]] = {}
    for n, sent in enumerate(invoices(20_000)):
        places.setdefault(sent.id, []).append(n)
    twice = [where for where in places.values() if len(where) > 1]
    assert 50 <= len(twice) <= 150
    assert all(len(where) == 2 and AGAIN_WITHIN <= where[1] - where[0] < 2 * AGAIN_WITHIN for where in twice)


def test_about_one_event_in_a_hundred_alerts_and_spikes_make_more() -> None:
    def share(spikes: float) -> float:
        expected = Expected(drop_duplicates=False)
        for sent in invoices(40_000, spikes=spikes):
            expected.note(sent)
        return expected.alerts.total() / 40_000

    assert 0.005 < share(0.0) < 0.02
    assert 0.03 < share(0.08) < 0.08


def test_the_last_event_of_every_partition_alerts() -> None:
    expected = Expected(drop_duplicates=True)
    sent = list(closing(["a", "b", "c"]))
    for each in sent:
        expected.note(each)
    assert [each.key for each in sent[-3:]] == ["vendor/a", "vendor/b", "vendor/c"]
    assert expected.alerts == Counter((each.key, each.id) for each in sent[-3:])


def test_an_events_time_has_an_offset() -> None:
    assert decode(encoded(0, "e-1", "acme", 1)).about.time == datetime(2026, 1, 5, tzinfo=UTC)
