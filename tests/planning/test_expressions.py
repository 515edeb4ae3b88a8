"""The expressions of ``condition: state:``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.errors import UsageError
from pipelinelab.planning.expressions import reads

VALUES = {"A": "true", "B": "false", "N": "80", "BRANCH": "release/1", "EMPTY": "", "NAME": "my value"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("A == true", True),
        ('A == "true"', True),
        ("B == true", False),
        ("A", True),
        ("B", False),
        ("!B", True),
        ("NAME == 'my value'", True),
        ('NAME != "other"', True),
        ("BRANCH == release/1", True),
        ("N >= 80 && N < 100", True),
        ("N > 80", False),
        ("N == 80.0", True),
        ("NAME > 1", False),
        ('glob(BRANCH, "release/*")', True),
        ('glob(BRANCH, "{main,develop}")', False),
        ('UNSET == ""', True),
        ("UNSET != x", True),
        ('EMPTY == ""', True),
        ("(A == true || B == true) && B == false", True),
        ("B == true || B == true && A == true", False),
        ("A == true || B == true && B == true", True),
        ("!(A == true && B == true)", True),
        ("$A == true", True),
        ("A==true&&B==false", True),
    ],
)
def test_an_expression_is_evaluated_as_bitbucket_does(text: str, holds: bool) -> None:
    assert reads(text)(VALUES) is holds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected a variable or a value, found the end at character 1"),
        ("A ==", "found the end at character 5"),
        ("A == true B", "expected the end, && or ||, found B at character 11"),
        ("(A == true", r"expected \), found the end"),
        ("A = true", "found = at character 3"),
        ("A == 'x", "expected a variable or a value, found ' at character 6"),
        ("&& A", "found && at character 1"),
        ("glob(A)", "expected ,"),
        ("(" * 200 + "A", "parentheses deep"),
    ],
)
def test_what_is_no_expression_says_where(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        reads(text)


BOOLEANS = st.recursive(
    st.sampled_from([("A == true", True), ("B == true", False), ("N > 3", True), ("N < 3", False)]),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"!({one[0]})", not one[1])),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]}) && ({two[1][0]})", two[0][1] and two[1][1])),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]}) || ({two[1][0]})", two[0][1] or two[1][1])),
    ),
    max_leaves=12,
)


@given(BOOLEANS)
def test_every_expression_of_and_or_and_not_is_worth_what_its_parts_are(expression: tuple[str, bool]) -> None:
    assert reads(expression[0])(VALUES) is expression[1]


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        assert reads(text)(VALUES) in (True, False)
    except UsageError as refused:
        assert "expected" in str(refused)
