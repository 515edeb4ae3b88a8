# mypy: ignore-errors
"""A pytest plugin (3.0 and newer, Python 2.7 and 3): one JSON line a test, an order that can be asked for.

Loaded by PYTEST_PLUGINS=pytest_hook_py2 with its folder on PYTHONPATH. See outcomes_py2 for the environment it reads.
"""

from __future__ import unicode_literals

import outcomes_py2 as outcomes
import pytest

FAILED, NONE_RAN = 1, 5
_open = {}


def _names(nodeid):
    """(suite, test) as pytest's own JUnit file names them."""
    path, bracket, parameters = outcomes.text(nodeid).partition("[")
    names = path.split("::")
    names = [one for one in names if one != "()"]
    if names[0].endswith(".py"):
        names[0] = names[0][:-3]
    names[0] = names[0].replace("/", ".").replace("\\", ".")
    names[-1] += bracket + parameters
    return ".".join(names[:-1]), names[-1]


def _reporting(config):
    return outcomes.wanted() and not hasattr(config, "workerinput") and not hasattr(config, "slaveinput")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if _reporting(config):
        outcomes.header()
        config.pluginmanager.register(Reporter(), "pipelinelab-outcomes")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session, config, items):
    before = list(items)
    items[:] = outcomes.arranged(items, lambda item: outcomes.key(*_names(item.nodeid)))
    kept = set(id(item) for item in items)
    gone = [item for item in before if id(item) not in kept]
    if gone:
        config.hook.pytest_deselected(items=gone)
    if _reporting(config):
        order = [outcomes.key(*_names(item.nodeid)) for item in items]
        outcomes.begin("pytest", outcomes.text(pytest.__version__), order)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    if not outcomes.twice():
        return None
    from _pytest.runner import runtestprotocol

    # The item's parent as what comes next: pytest takes down the test and leaves its module's fixtures standing.
    for following in (item.parent, nextitem):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        runtestprotocol(item, nextitem=following)
        if hasattr(item.ihook, "pytest_runtest_logfinish"):
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


class Reporter(object):
    """Folds setup, call and teardown into one outcome."""

    def pytest_runtest_logstart(self, nodeid, location):
        outcomes.start(*_names(nodeid))

    def pytest_runtest_logreport(self, report):
        case = _open.setdefault(report.nodeid, {"outcome": "passed", "seconds": 0.0, "message": ""})
        case["seconds"] += getattr(report, "duration", 0.0)
        expected = hasattr(report, "wasxfail")
        if report.outcome == "rerun":
            case.update(outcome="failed", message=_why(report))
        elif report.outcome == "skipped":
            case.update(outcome="xfailed" if expected else "skipped", message=_why(report))
        elif report.outcome == "failed":
            if case["outcome"] not in ("failed", "error"):
                case.update(outcome="failed" if report.when == "call" else "error", message=_why(report))
        elif report.when == "call" and expected:
            case.update(outcome="xpassed", message=report.wasxfail)
        if report.when == "teardown":
            done = _open.pop(report.nodeid)
            suite, test = _names(report.nodeid)
            outcomes.outcome(suite, test, done["outcome"], done["seconds"], done["message"])

    def pytest_collectreport(self, report):
        if report.failed:
            suite, test = _names(report.nodeid)
            outcomes.outcome(suite, test, "error", 0.0, _why(report))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        outcomes.end()
        if outcomes.goes_on() and exitstatus in (FAILED, NONE_RAN):
            session.exitstatus = 0


def _why(report):
    said = report.longrepr
    crash = getattr(said, "reprcrash", None)
    if crash is not None:
        return outcomes.text(crash.message)
    if isinstance(said, tuple):
        return outcomes.text(said[-1])
    return outcomes.text(getattr(report, "wasxfail", "") or said or "")
