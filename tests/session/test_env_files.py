"""A .env file is read whole or refused at its first line that is none."""

from pathlib import Path

import pytest

from pipelinelab.errors import UsageError
from pipelinelab.session.secrets import env_file


def test_its_variables_are_read_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "ci.env"
    file.write_text("# of CI\n\nA=1\nexport B='x $A'\nC=\nD=\"two\nlines\"\n")
    assert env_file(file) == {"A": "1", "B": "x $A", "C": "", "D": "two\nlines"}


@pytest.mark.parametrize(
    ("line", "why"),
    [("=bad", "not NAME=VALUE"), ("A='never closed", "not NAME=VALUE"), ("2X=4", "no name"), ("TOKEN", "has no value")],
)
def test_a_line_that_is_none_is_told_with_its_place(tmp_path: Path, line: str, why: str) -> None:
    file = tmp_path / "ci.env"
    file.write_text(f"A=1\n{line}\nB=2\n")
    with pytest.raises(UsageError, match=why) as told:
        env_file(file)
    assert f"{file}:2: " in str(told.value)
