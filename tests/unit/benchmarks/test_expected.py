"""The plain fold that every contender is checked against, and that our own step agrees with it."""

from benchmarks.contenders.backoffice_worker import processor
from benchmarks.expected import Expected
from benchmarks.invoices import Sent, invoices
from benchmarks.job import Job
from processors.step import Emission, State
from schemas.accounting import InvoiceReceived
from schemas.codec import Decoder
from schemas.envelope import Evidence
from schemas.signals import ConditionFired

JOB = Job("", "run", "bench", "bench.events.accounting", "alerts", "dead", "group", "state", 4)


def sent(vendor: str, n: int, cents: int | None) -> Sent:
    return Sent(f"vendor/{vendor}", f"{vendor} {n}".encode(), f"{vendor}-{n}", cents)


def fold(events: list[Sent], drop_duplicates: bool = False) -> Expected:
    expected = Expected(drop_duplicates)
    for each in events:
        expected.note(each)
    return expected


def test_an_invoice_of_more_than_six_times_the_mean_alerts_after_ten() -> None:
    usual = [sent("acme", n, 100) for n in range(10)]
    assert not fold([*usual, sent("acme", 10, 600)]).alerts
    assert fold([*usual, sent("acme", 10, 601)]).alerts == {("vendor/acme", "acme-10"): 1}
    assert not fold([*usual[1:], sent("acme", 10, 10_000)]).alerts


def test_vendors_do_not_mix_and_invalid_events_count_for_nobody() -> None:
    usual = [sent("acme", n, 100) for n in range(10)]
    found = fold([*usual, sent("other", 1, 99_999), sent("acme", 11, None)])
    assert not found.alerts
    assert found.dead == {b"acme 11": 1}


def test_a_second_event_with_the_same_id_counts_only_where_duplicates_are_kept() -> None:
    usual = [sent("acme", n, 100) for n in range(10)]
    twice = [*usual, sent("acme", 10, 5_000), sent("acme", 10, 5_000)]
    assert fold(twice).alerts == {("vendor/acme", "acme-10"): 2}
    assert fold(twice, drop_duplicates=True).alerts == {("vendor/acme", "acme-10"): 1}


def test_our_own_step_says_the_same() -> None:
    vendors = processor(JOB).aggregates["vendor"]
    decode = Decoder((InvoiceReceived,)).decode
    states: dict[str, State] = {}
    said: list[tuple[str, str]] = []
    events = [each for each in invoices(5_000) if each.cents is not None]
    for n, each in enumerate(events):
        event = decode(each.value, record=Evidence("events.accounting", 0, n, each.id))
        state = states.get(each.key) or vendors.state(key=each.key)
        step = vendors.step(state, event, event.about.time)
        states[each.key] = step.state
        said += [(emitted.subject, _because(emitted)) for emitted in step.events]
    expected = fold(events)
    assert expected.alerts.total() > 10
    assert sorted(said) == sorted(expected.alerts.elements())


def _because(emitted: Emission) -> str:
    assert isinstance(emitted.event, ConditionFired)
    (evidence,) = emitted.event.evidence
    return evidence.id
