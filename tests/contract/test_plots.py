"""Each rule, in stories made of its plot: it fires and its alert ends, and whatever is said keeps to the rules."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from backoffice.registry import departments
from processors.correlation import correlation
from processors.fold import Fold
from processors.processor import Processor
from processors.records import DEAD_LETTERS, Output, Record
from schemas.codec import Decoder
from schemas.signals import ConditionFired, ConditionResolved
from tests.evidence import cases, log_of, wrong
from tests.plots import PLOTS
from tests.plots.telling import told

PROCESSORS = (*departments(), correlation)
RULES = [(processor, rule.name) for processor in PROCESSORS for rule in processor.rules]

SIGNALS = (ConditionFired, ConditionResolved)

_DECODER = Decoder(SIGNALS)


def test_every_rule_has_a_plot_and_no_other_has() -> None:
    assert {(name, rule) for name, plots in PLOTS.items() for rule in plots} == {(p.name, rule) for p, rule in RULES}


@pytest.mark.parametrize(("processor", "rule"), RULES, ids=[rule for _, rule in RULES])
def test_a_rule_fires_and_ends_in_its_plot_and_speaks_in_turn_whatever_else_is_said(
    processor: Processor, rule: str
) -> None:
    plot = PLOTS[processor.name][rule]
    fired, ended = set[str](), set[str]()

    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(story=told(processor, plot))
    def plays(story: list[Any]) -> None:
        log = log_of(processor, story, plot.settings)
        outputs = folded(Fold(processor), log)
        assert outputs == restarted(processor, log), "a restart made a difference"
        assert not [output for output in outputs if output.topic == DEAD_LETTERS]
        holding = set[tuple[Any, ...]]()
        for signal in signals(outputs):
            condition = (signal.rule, signal.about.subject, *sorted(signal.identity.items()))
            if isinstance(signal, ConditionFired):
                holding.add(condition)
                fired.add(signal.rule)
            else:
                holding.remove(condition)
                ended.add(signal.rule)

    plays()
    assert rule in fired, "no story made of the plot lets it fire"
    assert rule in ended, "no story made of the plot ends its alert"


@pytest.mark.parametrize(("processor", "rule"), RULES, ids=[rule for _, rule in RULES])
def test_the_alert_of_a_plot_is_given_again_by_what_it_names_and_by_no_less(processor: Processor, rule: str) -> None:
    plot = PLOTS[processor.name][rule]
    found = [
        case for case in cases(processor, log_of(processor, plot.story, plot.settings)) if case.signal.rule == rule
    ]
    assert found
    assert [problem for case in found if (problem := wrong(case))] == []


def folded(fold: Fold, log: Iterable[Record]) -> list[Output]:
    return [output for record in log for output in fold.apply(record)]


def restarted(processor: Processor, log: list[Record]) -> list[Output]:
    """The same with a restart in the middle."""
    before, after, half = Fold(processor), Fold(processor), len(log) // 2
    outputs = folded(before, log[:half])
    after.restore(before.take_changes())
    return [*outputs, *folded(after, log[half:])]


def signals(outputs: Iterable[Output]) -> Iterable[ConditionFired | ConditionResolved]:
    for output in outputs:
        if any(f'"{signal.type}"'.encode() in (output.value or b"") for signal in SIGNALS):
            said: Any = _DECODER.decode(output.value, output.headers)
            yield said
