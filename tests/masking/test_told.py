"""What an event tells in words holds no secret; words that stand for something are left alone."""

import dataclasses

import pytest

from pipelinelab.events import types
from pipelinelab.masking.mask import Masker, patterns
from pipelinelab.masking.told import FREE_TEXT, masked

MASKER = Masker(patterns({"KEY": "passed"}))


@pytest.mark.parametrize("kind", FREE_TEXT, ids=lambda kind: kind.__name__)
def test_the_free_text_of_an_event_is_masked(kind: type[types.Event]):
    given = {"at": 0.0, "step": 1, **{f.name: "" for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}}
    event = kind(**{**given, **dict.fromkeys(FREE_TEXT[kind], "it passed"), "at": 0.0})
    told = masked(event, MASKER)
    assert {name: getattr(told, name) for name in FREE_TEXT[kind]} == dict.fromkeys(FREE_TEXT[kind], "it $KEY")


def test_an_answer_is_masked_however_deep_it_lies():
    probe = types.Probe(at=0.0, step=1, question="env", answer={"lines": ["a passed b", {"x": "passed"}], "count": 2})
    answer = masked(probe, MASKER).answer  # type: ignore[attr-defined]
    assert answer == {"lines": ["a $KEY b", {"x": "$KEY"}], "count": 2}


def test_a_secret_that_is_an_ordinary_word_changes_no_result():
    ended = types.StepEnded(at=0.0, step=1, result="passed", exit_code=0)
    assert masked(ended, MASKER) is ended
    seen = masked(types.TestSeen(at=0.0, step=1, suite="s", test="t", outcome="passed"), MASKER)
    assert seen.outcome == "passed"  # type: ignore[attr-defined]
