# mypy: ignore-errors
"""A test runner for Django 1.8 to 5.2 (Python 2.7 and 3): one JSON line a test, an order that can be asked for.

``manage.py test --testrunner django_hook_py2.Runner`` with its folder on PYTHONPATH; it extends the project's own
TEST_RUNNER. See outcomes_py2 for the environment it reads.

Django sorts tests by class type after it has found them (TestCase, then TransactionTestCase, then the rest), so an
order given as labels is not kept: the suite is flattened and arranged anew after Django has built it.
"""

from __future__ import unicode_literals

import copy
import re
import time
import unittest

import django
import outcomes_py2 as outcomes
from django.conf import settings
from django.utils.module_loading import import_string

_CLASS = re.compile(r"^(?P<test>\w+) \((?P<suite>.+)\)$")
_HERE = __name__ + ".Runner"


def _names(test):
    """(suite, test): the dotted class and the method; of setUpClass's stand-in, the class and "setUpClass"."""
    name = outcomes.text(test.id())
    found = _CLASS.match(name)
    if found:
        return found.group("suite"), found.group("test")
    suite, _, method = name.rpartition(".")
    return suite, method


def _flat(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite) or hasattr(one, "__iter__"):
            for test in _flat(one):
                yield test
        else:
            yield one


def _base():
    default = "django.test.runner.DiscoverRunner"
    name = getattr(settings, "TEST_RUNNER", default) or default
    return import_string(default if name == _HERE else name)


class Recording(object):
    """Mixed into a result class: folds what unittest tells of one test into one outcome."""

    _case = None

    def startTest(self, test):
        suite, name = _names(test)
        outcomes.start(suite, name)
        self._case = {"outcome": "passed", "message": "", "began": time.time()}
        super(Recording, self).startTest(test)

    def stopTest(self, test):
        super(Recording, self).stopTest(test)
        case, self._case = self._case, None
        if case is not None:
            suite, name = _names(test)
            outcomes.outcome(suite, name, case["outcome"], time.time() - case["began"], case["message"])

    def _note(self, test, result, message=""):
        if self._case is None:
            suite, name = _names(test)
            outcomes.outcome(suite, name, result, 0.0, message)
        elif self._case["outcome"] not in ("failed", "error"):
            self._case.update(outcome=result, message=message)

    def addError(self, test, err):
        self._note(test, "error", _why(err))
        super(Recording, self).addError(test, err)

    def addFailure(self, test, err):
        self._note(test, "failed", _why(err))
        super(Recording, self).addFailure(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self._note(test, "failed" if failed else "error", "%s %s" % (_why(err), _what(subtest)))
        super(Recording, self).addSubTest(test, subtest, err)

    def addSkip(self, test, reason):
        self._note(test, "skipped", outcomes.text(reason))
        super(Recording, self).addSkip(test, reason)

    def addExpectedFailure(self, test, err):
        self._note(test, "xfailed", _why(err))
        super(Recording, self).addExpectedFailure(test, err)

    def addUnexpectedSuccess(self, test):
        self._note(test, "xpassed")
        super(Recording, self).addUnexpectedSuccess(test)


def _why(err):
    return "%s: %s" % (outcomes.text(err[0].__name__), outcomes.text(err[1]))


def _what(subtest):
    try:
        return outcomes.text(subtest._subDescription())
    except AttributeError:
        return ""


class Runner(_base()):
    """The project's own runner, recording."""

    def build_suite(self, *args, **kwargs):
        if outcomes.wanted():
            self.parallel = 1  # an order is one process's
        built = super(Runner, self).build_suite(*args, **kwargs)
        if not outcomes.wanted():
            return built
        tests = outcomes.arranged(list(_flat(built)), lambda test: outcomes.key(*_names(test)))
        outcomes.header()
        outcomes.begin("django", django.get_version(), [outcomes.key(*_names(test)) for test in tests])
        if outcomes.twice():
            tests = [one for test in tests for one in (test, copy.copy(test))]
        suite = unittest.TestSuite()
        suite.addTests(tests)
        return suite

    def get_resultclass(self):
        base = super(Runner, self).get_resultclass() or unittest.TextTestResult
        return type(str("Recorded"), (Recording, base), {}) if outcomes.wanted() else base

    def suite_result(self, *args, **kwargs):
        failed = super(Runner, self).suite_result(*args, **kwargs)
        return 0 if outcomes.goes_on() else failed

    def run_suite(self, *args, **kwargs):
        result = super(Runner, self).run_suite(*args, **kwargs)
        if outcomes.wanted():
            outcomes.end()
        return result
