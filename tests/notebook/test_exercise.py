"""The check cell, the magics and the errors of a notebook, without an engine."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

import pipelinelab
from pipelinelab.errors import FileRefused, NeedsDocker, UsageError

LOG = """\
+ python manage.py test
django.db.utils.OperationalError: \
(2002, "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)")
"""


@pytest.fixture
def refused(monkeypatch, tmp_path):
    monkeypatch.setenv("PIPELINELAB_ENGINE", "recorded")
    return pipelinelab.diagnose(pipelinelab.sample("django-mysql", "map", tmp_path / "shop"))


def test_a_right_answer_is_replayed_and_said_to_be_right(refused):
    answer = {"path": "bitbucket-pipelines.yml", "old": "PASSWORD: yes", "new": "PASSWORD: 'yes'"}
    verdict = pipelinelab.check(refused, answer, wanted="moved on")
    assert verdict.right and repr(verdict).startswith("✔ right: moved on") and verdict.proved.after is not None


def test_an_answer_that_is_still_refused_is_not_yet_right(refused):
    answer = {"path": "bitbucket-pipelines.yml", "old": "PASSWORD: yes", "new": "PASSWORD: on"}
    verdict = pipelinelab.check(refused, answer)
    assert not verdict.right and "not yet" in verdict._repr_html_()


def test_an_answer_that_changes_nothing_is_not_replayed(refused):
    answer = {"path": "bitbucket-pipelines.yml", "old": "yes", "new": "yes"}
    assert repr(pipelinelab.check(refused, answer)) == "✘ not yet: the answer changes nothing"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"path": "bitbucket-pipelines.yml"}, "the answer has no old, new"),
        ({"path": "nowhere.yml", "old": "a", "new": "b"}, "there is no file nowhere.yml"),
        ({"path": "bitbucket-pipelines.yml", "old": "not there", "new": "b"}, "does not hold 'not there'"),
    ],
)
def test_an_answer_that_cannot_be_tried_says_why(refused, answer, says):
    with pytest.raises(UsageError, match=says):
        pipelinelab.check(refused, answer)


def test_an_answer_that_nobody_recorded_needs_docker(refused):
    answer = {"path": "bitbucket-pipelines.yml", "old": "PASSWORD: yes", "new": "PASSWORD: 'certainly'"}
    with pytest.raises(NeedsDocker, match="never recorded: this needs Docker"):
        pipelinelab.check(refused, answer)


@pytest.fixture
def by_log(monkeypatch, tmp_path):
    """The shop with ``localhost`` as its host, and its log's last words."""
    monkeypatch.setenv("PIPELINELAB_ENGINE", "recorded")
    shop = pipelinelab.sample("django-mysql", "green", tmp_path / "shop")
    settings = shop / "shop" / "settings.py"
    settings.write_text(settings.read_text("utf-8").replace("'HOST': '127.0.0.1'", "'HOST': 'localhost'"), "utf-8")
    return pipelinelab.diagnose_log(LOG, shop)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("127.0.0.1", "✔ right: proven: it was replayed, and all is green"),
        ("", "✘ not yet: no change: the same failure came again"),
        ("mysql", "✘ not yet: moved on: this failure is gone; now the service is addressed by the name mysql"),
    ],
)
def test_an_answer_to_a_log_is_replayed_and_a_wrong_one_is_told_what_it_brings(by_log, host, says):
    answer = {"path": "shop/settings.py", "old": "'HOST': 'localhost'", "new": f"'HOST': '{host}'"}
    assert repr(pipelinelab.check(by_log, answer)).startswith(says)


@pytest.mark.parametrize("answer", ["quote it", None, {"path": "bitbucket-pipelines.yml", "old": "yes", "new": True}])
def test_an_answer_of_another_shape_is_told_how_to_write_it(refused, answer):
    with pytest.raises(UsageError, match=r"the answer (is|has no)") as told:
        pipelinelab.check(refused, answer)
    assert "path" in told.value.hint


def test_errors_are_shown_as_sentences():
    assert UsageError("what", "do this")._render_traceback_() == ["what", "→ do this"]
    assert FileRefused("what", report="line\nline")._render_traceback_() == ["what", "line", "line"]


def test_a_pasted_log_is_diagnosed_from_text_bytes_and_file(tmp_path):
    (tmp_path / "step.log").write_text(LOG, "utf-8")
    for log in (LOG, LOG.encode(), tmp_path / "step.log", str(tmp_path / "step.log")):
        assert pipelinelab.diagnose_log(log).finding.rule == "mysql-socket"


def test_a_log_alone_cannot_be_replayed():
    with pytest.raises(UsageError, match="a log alone cannot be replayed"):
        pipelinelab.diagnose_log(LOG).prove(0)


def test_the_magics_say_what_is_missing():
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "pipelinelab")
    with pytest.raises(UsageError, match="there is no kept step yet"):
        shell.run_line_magic("query", "select 1")
    with pytest.raises(UsageError, match="no kept step called 'other'"):
        shell.run_cell_magic("inside", "other", "ls")
