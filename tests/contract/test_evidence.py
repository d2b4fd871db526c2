"""What an alert rests on: the records that it names give it again, and no fewer do."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.registry import departments
from processors.correlation import correlation
from processors.processor import Processor
from tests.evidence import cases, log_of, wrong
from tests.happenings import happenings

PROCESSORS = pytest.mark.parametrize("processor", [*departments(), correlation], ids=lambda p: p.name)


@PROCESSORS
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_fires_is_given_again_by_what_it_names_and_by_no_less(
    processor: Processor, data: st.DataObject
) -> None:
    for case in cases(processor, log_of(processor, data.draw(happenings(processor, max_size=16)))):
        assert wrong(case) is None


@PROCESSORS
def test_a_rule_that_rests_on_a_figure_says_in_words_what_it_is_taken_from(processor: Processor) -> None:
    assert [rule.name for rule in processor.rules if rule.measure and len(rule.measure.split()) < 3] == []
