import pytest

from pipelinelab.diagnosis.examples import run_examples
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.rulebook import shipped


@pytest.mark.parametrize("rule", shipped(), ids=lambda rule: rule.id)
def test_a_rule_fits_its_own_logs_leaves_its_look_alikes_and_is_silent_on_green_ones(rule: Rule) -> None:
    failed = [result for result in run_examples(rule, shipped()) if not result.passed]
    assert not failed, [(r.kind, r.log, "wanted", r.expected, "got", r.got) for r in failed]
