"""What a campaign changes in the commands of a step."""

import pytest

from pipelinelab.session.step_campaign import loud


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        ("python -m unittest", "python -m unittest -v"),
        ("cd app && python3.12 -m unittest discover -s tests | tee log",
         "cd app && python3.12 -m unittest discover -v -s tests | tee log"),
        ("python -m unittest a.B && python -m  unittest c", "python -m unittest -v a.B && python -m  unittest -v c"),
        ("python -m unittest2 x", "python -m unittest2 x"), ("python -m pytest", "python -m pytest"),
    ],
)  # fmt: skip
def test_unittest_is_made_to_name_the_tests_that_pass(command, changed):
    assert loud(command) == changed
