"""The hooks that are sent in, on the Pythons and Djangos of the lab's images."""

import hashlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pipelinelab.reports import read
from pipelinelab.reports.lines import session

INSIDE = Path(__file__).parents[2] / "pipelinelab" / "inside"
HOOKS = ("outcomes_py2.py", "pytest_hook_py2.py", "django_hook_py2.py")

SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "app"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
MIDDLEWARE_CLASSES = ()
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
TESTS = '''
# -*- coding: utf-8 -*-
from __future__ import unicode_literals
import unittest
from django.test import TestCase, TransactionTestCase, SimpleTestCase

class A(TestCase):
    def test_doc(self):
        """A first line. More."""
    def test_fail(self): self.assertEqual(1, 2, "b\\xf6m \\u65e5")
    def test_error(self): raise KeyError("x")
    @unittest.skip("it's off")
    def test_skip(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail()

class T(TransactionTestCase):
    def test_t(self): print("printed")

class S(SimpleTestCase):
    def test_s(self): pass

class B(TestCase):
    @classmethod
    def setUpClass(cls): raise ValueError("no")
    def test_b(self): pass
'''


def project(folder: Path) -> Path:
    (folder / "proj" / "app").mkdir(parents=True)
    for name, text in (
        ("settings.py", SETTINGS),
        ("manage.py", MANAGE),
        ("app/__init__.py", ""),
        ("app/tests.py", TESTS),
    ):
        (folder / "proj" / name).write_text(text.lstrip(), encoding="utf-8")
    for hook in HOOKS:
        (folder / hook).write_bytes((INSIDE / hook).read_bytes())
    return folder


@pytest.mark.live
@pytest.mark.parametrize("image", ["python27", "python311:django42", "python311:django52"])
def test_the_django_hook_reports_and_orders_on(image, tmp_path):
    folder = project(tmp_path)
    run = "python manage.py test --testrunner django_hook_py2.Runner"
    script = f"cp -r /lab /tmp/lab && cd /tmp/lab/proj && {run}; cat /tmp/o"
    ran = subprocess.run(
        ["docker", "run", "--rm", "--label", "pipelinelab.test=hooks", "-v", f"{folder}:/lab:ro",
         "-e", "PYTHONPATH=/tmp/lab", "-e", "PIPELINELAB_OUTCOMES=/tmp/o", "-e", "PIPELINELAB_SHUFFLE=7",
         f"pipelinelab/{image}", "sh", "-c", script],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    data = ran.stdout[ran.stdout.index(b'{"pipelinelab"') :]
    found = {f"{one.suite}.{one.test}": one for one in read("o", data)}
    assert {name: one.outcome for name, one in found.items()} == {
        "app.tests.A.test_doc": "passed", "app.tests.A.test_fail": "failed", "app.tests.A.test_error": "error",
        "app.tests.A.test_skip": "skipped", "app.tests.A.test_known": "xfailed", "app.tests.T.test_t": "passed",
        "app.tests.S.test_s": "passed", "app.tests.B.test_b": "error",
    }  # fmt: skip
    assert "böm 日" in found["app.tests.A.test_fail"].message
    said = session("o", data)
    assert said["ended"] and said["framework"] == "django"
    assert said["order"] == sorted(said["order"], key=lambda one: hashlib.sha256(f"7/{one}".encode()).hexdigest())
    # Django's own order would have all of A before S and T: its kinds of class one after another.
    kinds = [one.split("::")[0][-1] for one in said["order"]]
    assert len(kinds) == 8 and "A" in kinds[max(kinds.index("S"), kinds.index("T")) :]


def test_the_pytest_hook_says_what_it_ran_and_what_came_of_it(tmp_path):
    (tmp_path / "test_a.py").write_text(textwrap.dedent("""
        import pytest
        @pytest.fixture
        def torn(): yield; raise RuntimeError("torn")
        def test_td(torn): pass
        @pytest.mark.xfail
        def test_xp(): pass
        @pytest.mark.skip(reason="off")
        def test_skip(): pass
        class TestC:
            def test_m(self): raise ValueError("日本")
    """), encoding="utf-8")  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(INSIDE), "PYTEST_PLUGINS": "pytest_hook_py2",
                   "PIPELINELAB_OUTCOMES": str(tmp_path / "o"), "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path, env=environment,
                   stdout=subprocess.DEVNULL, check=False)  # fmt: skip
    found = read("o", (tmp_path / "o").read_bytes())
    assert [(one.suite, one.test, one.outcome, one.message) for one in found] == [
        ("test_a", "test_td", "error", "RuntimeError: torn"), ("test_a", "test_xp", "xpassed", ""),
        ("test_a", "test_skip", "skipped", "Skipped: off"), ("test_a.TestC", "test_m", "failed", "ValueError: 日本"),
    ]  # fmt: skip


def test_without_being_asked_the_pytest_hook_does_nothing(tmp_path):
    (tmp_path / "test_a.py").write_text("def test_a(): pass")
    environment = {**os.environ, "PYTHONPATH": str(INSIDE), "PYTEST_PLUGINS": "pytest_hook_py2",
                   "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path,
                         env=environment, stdout=subprocess.PIPE, check=False)  # fmt: skip
    assert ran.returncode == 0 and sorted(path.name for path in tmp_path.iterdir()) == ["test_a.py"]
