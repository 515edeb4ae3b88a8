# mypy: ignore-errors
"""What the lab's test hooks share. It is sent beside them into whatever runs the tests: Python 2.7 and all of 3.

What the hooks do is said by the environment:

PIPELINELAB_OUTCOMES  the file that gets one JSON object a line; without it the hooks do nothing
PIPELINELAB_SHUFFLE   a number: the tests run in an order drawn from it
PIPELINELAB_ORDER     a JSON file with a list of "suite::test": those run, in that order, and no others
PIPELINELAB_WITHOUT   a JSON file with a list of "suite::test": those do not run
PIPELINELAB_GO_ON     "1": tests that fail do not fail their command, so that a step's next test command runs too
PIPELINELAB_SEED      a number that seeds Python's random
PIPELINELAB_TWICE     "1": each test runs twice in a row
PIPELINELAB_LIMIT     how many seconds one test may take; then the kernel ends the process with SIGALRM
"""

from __future__ import unicode_literals

import io
import json
import os
import platform
import random
import signal

OUTCOMES = "PIPELINELAB_OUTCOMES"
LONGEST = 2000
RESERVE = 256 * 1024


def wanted():
    """Whether outcomes are asked for."""
    return bool(os.environ.get(OUTCOMES))


def twice():
    """Whether each test runs twice."""
    return os.environ.get("PIPELINELAB_TWICE") == "1"


def goes_on():
    """Whether the command ends well though tests fail, or though none is left to run."""
    return wanted() and os.environ.get("PIPELINELAB_GO_ON") == "1"


def key(suite, test):
    """A test's one name."""
    return "%s::%s" % (suite, test)


def text(value):
    """Text of whatever it is, as Python 2 and 3 both can."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    try:
        return "%s" % (value,)
    except Exception:  # an exception whose own __str__ fails is still a failure to report
        return repr(type(value))


def write(line):
    """Append one line in one write, so that whatever kills the process leaves all lines before it whole."""
    data = (json.dumps(line, sort_keys=True) + "\n").encode("utf-8")
    try:
        data = _append(data)
    except OSError:
        pass  # a full disk must fail the tests, not the tool that counts them
    if data:
        _release()
        try:
            _append(data)
        except OSError:
            pass


def _append(data):
    """Write to the file of outcomes; returns what a full disk left no room for."""
    handle = os.open(os.environ[OUTCOMES], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        return data[os.write(handle, data):]
    finally:
        os.close(handle)


def _reserve():
    """Take room on the disk while there is some, so that a test which fills it can still be told of."""
    try:
        with io.open(os.environ[OUTCOMES] + ".reserve", "wb") as file:
            file.write(b"\0" * RESERVE)
    except OSError:
        pass


def _release():
    try:
        os.remove(os.environ[OUTCOMES] + ".reserve")
    except OSError:
        pass


def listed(variable):
    """The list in the JSON file that the variable names; none where it is not set."""
    path = os.environ.get(variable)
    if not path:
        return []
    with io.open(path, encoding="utf-8") as file:
        return json.load(file)


def arranged(tests, name):
    """The tests in the order asked for; ``name`` gives a test's one name."""
    ran = set(listed("PIPELINELAB_WITHOUT"))
    tests = [one for one in tests if name(one) not in ran]
    order = listed("PIPELINELAB_ORDER")
    if order:
        place = dict((one, at) for at, one in enumerate(order))
        kept = [one for one in tests if name(one) in place]
        return sorted(kept, key=lambda one: place[name(one)])
    seed = os.environ.get("PIPELINELAB_SHUFFLE")
    if seed:
        # Sorted by hash: Random.shuffle draws differently in Python 2 and 3, and this is the same in both.
        import hashlib

        def drawn(one):
            return hashlib.sha256(("%s/%s" % (seed, name(one))).encode("utf-8")).hexdigest()

        return sorted(tests, key=drawn)
    return tests


def header():
    """The first line, by which the file is known. Its folder is made where it is not there."""
    folder = os.path.dirname(os.environ[OUTCOMES])
    if folder and not os.path.isdir(folder):
        os.makedirs(folder)
    write({"pipelinelab": 1})
    _reserve()


def begin(framework, version, order):
    """Seed what is random and say what will run."""
    seed = os.environ.get("PIPELINELAB_SEED", "")
    if seed.isdigit():
        random.seed(int(seed))
    write({
        "event": "session",
        "framework": framework,
        "version": version,
        "python": platform.python_version(),
        "seed": seed,
        "shuffle": os.environ.get("PIPELINELAB_SHUFFLE", ""),
        "twice": twice(),
        "order": order,
    })


def start(suite, test):
    """Say that a test begins, so that one which kills the process is known."""
    _alarm(float(os.environ.get("PIPELINELAB_LIMIT", "0")))
    write({"event": "start", "suite": suite, "test": test})


def outcome(suite, test, result, seconds, message=""):
    """Say how a test ended."""
    _alarm(0)
    write({
        "event": "test",
        "suite": suite,
        "test": test,
        "outcome": result,
        "seconds": seconds,
        "message": text(message)[:LONGEST],
    })


def _alarm(seconds):
    """Ask the kernel for SIGALRM, whose default ends the process, whatever it is caught in; 0 takes it back."""
    if "PIPELINELAB_LIMIT" in os.environ and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def end():
    """Say that the run came to its own end."""
    write({"event": "end"})
    _release()
