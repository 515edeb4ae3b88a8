# ruff: noqa: E501 - the table of expressions reads best one a line
"""Errors that tools print, as rows of the ``errors`` frame: tracebacks, compilers, test runners, shells. Pure.

One pass over the lines; each kind is a small expression for its first line, and where a report has several lines
(a Python traceback, a Node stack) a bounded look at its neighbours. A row's line counts from 1 in the step's log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelinelab.diagnosis.values import ErrorSeen
from pipelinelab.recording.log_text import strip_ansi
from pipelinelab.recording.records import Recording, StepRecord

LIMIT = 2000  # rows for one step
REACH = 8_000_000
_WIDTH = 1000
_DATABASE_CODE = re.compile(r"^\(?'?(?:SQLSTATE\[\w+\] )?[\[(]?(\d{4})[\])]?(?: \((\w{5})\))?[:,]? ?['\"]?(.*)")

_FRAMES = 60  # lines of a traceback that are looked at
_PYTHON_LIBRARY = re.compile(r"(?:site|dist)-packages/|/lib(?:64)?/python\d|^<frozen|/importlib/")
_JAVA_LIBRARY = re.compile(
    r"(?:[\w.]+/)?(?:java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|org\.(?:junit|hamcrest|assertj|opentest4j|mockito|testng"
    r"|springframework|apache|gradle|hibernate|codehaus)|junit)\."
)
MAVEN_ADVICE = (
    r"\[Help \d+\]|-> \[Help|To see the full stack trace|Re-run Maven|For more information about the errors"
    r"|Please refer to |After correcting the problems"
)
"""What Maven prints under every failure."""

Parser = Callable[[re.Match[str], list[str], int], tuple[str, str, str, str]]  # exception, code, message, location


def _python(match: re.Match[str], lines: list[str], at: int) -> tuple[str, str, str, str]:
    """The place is the innermost frame of the project's own code; of any code where there is none."""
    frames: list[tuple[str, str]] = []
    for back in range(at - 1, max(-1, at - _FRAMES), -1):
        frame = re.match(r'\s*File "([^"]+)", line (\d+)', lines[back])
        if frame:
            frames.append((frame.group(1), frame.group(2)))
        if lines[back].startswith("Traceback"):
            break
    own = next((frame for frame in frames if not _PYTHON_LIBRARY.search(frame[0])), None)
    where = ":".join(own or frames[0]) if frames else ""
    exception, message = match.group("exception"), (match.group("message") or "").strip()
    code = _DATABASE_CODE.match(message)
    return exception, code.group(1) if code else "", message, where


def _plain(exception: str = "") -> Parser:
    def parse(match: re.Match[str], lines: list[str], at: int) -> tuple[str, str, str, str]:
        named = match.groupdict(default="")
        place = ":".join(named[key] for key in ("file", "line", "column") if named.get(key))
        return named.get("exception") or exception, named.get("code", ""), named.get("message", "").strip(), place

    return parse


def _node(match: re.Match[str], lines: list[str], at: int) -> tuple[str, str, str, str]:
    where = ""
    for line in lines[at + 1 : at + 12]:
        frame = re.match(r"\s+at (?:.*\()?((?:file://)?[^()\s]+?):(\d+):\d+\)?$", line)
        if frame and "node:internal" not in line and "internal/" not in line:
            where = f"{frame.group(1)}:{frame.group(2)}"
            break
    code = next((m.group(1) for line in lines[at : at + 25] if (m := re.match(r"\s+code: '(\w+)'", line))), "")
    return match.group("exception"), code, match.group("message").strip(), where


def _java(match: re.Match[str], lines: list[str], at: int) -> tuple[str, str, str, str]:
    """The place is the innermost frame of the project's own code; of any code where there is none."""
    frames: list[tuple[str, str]] = []
    for line in lines[at + 1 : at + _FRAMES]:
        frame = re.match(r"\s+at ([\w.$/<>@]+)\(([\w$]+\.(?:java|kt|scala|groovy):\d+)\)", line)
        if frame:
            frames.append((frame.group(1), frame.group(2)))
        elif not line.startswith(("\t", " ")):
            break
    own = next((place for name, place in frames if not _JAVA_LIBRARY.match(name)), None)
    where = own or (frames[0][1] if frames else "")
    return match.group("exception"), "", (match.group("message") or "").strip(), where


def _after(match: re.Match[str], lines: list[str], at: int) -> tuple[str, str, str, str]:
    """rustc, cargo and others: the place stands on the next lines, behind an arrow."""
    where = next((m.group(1) for line in lines[at + 1 : at + 4] if (m := re.match(r"\s*--> (\S+)", line))), "")
    return "", match.groupdict().get("code") or "", match.group("message").strip(), where


_KINDS: tuple[tuple[str, str, str, Parser], ...] = (  # kind, a plain hint ("" for none), expression, parser
    ("python", "", r"(?P<exception>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration|NotFound|Warning|Timeout|Refused|Exists|Denied|DoesNotExist)|(?:[a-z_]\w*\.)+[A-Z]\w+)(?:: (?P<message>.*))?$", _python),
    ("java", "xception", r"(?:Exception in thread \"[^\"]*\" |Caused by: )?(?P<exception>(?:[a-z]\w*\.){2,}[A-Z][\w$]*(?:Exception|Error))(?:: (?P<message>.*))?$", _java),
    ("java", "Error", r"(?P<exception>(?:java|javax|org|com|net|io|junit|kotlin)\.(?:\w+\.)*[A-Z][\w$]*Error)(?:: (?P<message>.*))?$", _java),
    ("java", "Error", r"(?:Exception in thread \"[^\"]*\" |Caused by: )(?P<exception>(?:[a-z]\w*\.){2,}[A-Z][\w$]*)(?:: (?P<message>.*))?$", _java),
    ("mysql", "ERROR", r"ERROR (?P<code>\d{4}) \((?P<exception>\w{5})\)(?: at line \d+)?(?: in file: '[^']*')?: (?P<message>.*)", _plain()),
    ("sql", "SQLSTATE", r".*?(?P<exception>SQLSTATE\[\w+\]):? ?(?:\[(?P<code>\d+)\])? ?(?P<message>.*)", _plain()),
    ("postgres", "", r"(?:psql\S*: )?(?P<exception>ERROR|FATAL|PANIC):  (?P<message>.*)", _plain()),
    ("maven", "[ERROR]", r"\[ERROR\] (?P<file>/?[\w./\\:-]+\.(?:java|kt|scala|groovy)):\[(?P<line>\d+),(?P<column>\d+)\] (?:error: )?(?P<message>.*)", _plain()),
    ("maven", "Failed to execute goal", r"\[ERROR\] (?P<message>Failed to execute goal .*)", _plain()),
    ("maven", "[ERROR]", r"\[ERROR\] +(?P<file>[\w.$]+)(?:\.|:)(?P<code>\w+):(?P<line>\d+)(?:->\S+)? (?P<message>.*)", _plain("test")),
    ("gradle", "Execution failed", r"(?:> )?(?P<message>Execution failed for task .*)", _plain()),
    ("kotlin", "e: ", r"e: (?:file://)?(?P<file>[^\s:(]+\.kts?):?\s*\(?(?P<line>\d+)(?:[:,] ?(?P<column>\d+))?\)?:? (?P<message>.*)", _plain()),
    ("javac", ".java:", r"(?P<file>[\w./\\:-]+\.java):(?P<line>\d+): error: (?P<message>.*)", _plain()),
    ("typescript", "error TS", r"(?P<file>[^\s(:]+\.[mc]?tsx?)(?:\((?P<line>\d+),(?P<column>\d+)\)|:\d+:\d+)[: -]+error (?P<code>TS\d+): (?P<message>.*)", _plain()),
    ("typescript", "error TS", r"error (?P<code>TS\d+): (?P<message>.*)", _plain()),
    ("gcc", "error", r"(?P<file>[\w./\\+-]+\.(?:c|cc|cpp|cxx|h|hpp|m|mm|cu)):(?P<line>\d+):(?:(?P<column>\d+):)? (?:fatal )?error: (?P<message>.*)", _plain()),
    ("linker", "undefined reference", r"(?P<message>.*undefined reference to .*)", _plain()),
    ("csharp", "error ", r"(?P<file>[^\s(]+\.(?:cs|vb|fs|csproj|sln))(?:\((?P<line>\d+),(?P<column>\d+)\))? ?: error (?P<code>\w+): (?P<message>.*)", _plain()),
    ("rust", "error[", r"error\[(?P<code>E\d+)\]: (?P<message>.*)", _after),
    ("go", ".go:", r"(?:\s*|vet: |# )(?P<file>[\w./-]+\.go):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<message>.*)", _plain()),
    ("go", "panic: ", r"panic: (?P<message>.*)", _plain("panic")),
    ("swift", ".swift:", r"(?P<file>\S+\.swift):(?P<line>\d+):(?P<column>\d+): error: (?P<message>.*)", _plain()),
    ("eslint", "error", r"\s+(?P<line>\d+):(?P<column>\d+)\s+error\s+(?P<message>.*?)(?:\s{2,}(?P<code>[\w@/-]+))?$", _plain()),
    ("php", "PHP ", r"PHP (?P<exception>Fatal|Parse|Recoverable fatal) error: +(?P<message>.*?)(?: in (?P<file>/\S+?)(?: on line |:)(?P<line>\d+))?$", _plain()),
    ("ruby", "", r"(?P<file>[\w./-]+\.rb):(?P<line>\d+):in [`'][^']+': (?P<message>.*?) \((?P<exception>[A-Z][\w:]+)\)", _plain()),
    ("npm", "npm ", r"npm (?:ERR!|error) code (?P<code>\w+)(?P<message>)", _plain()),
    ("npm", "npm ", r"npm (?:ERR!|error) (?P<message>(?!A complete log|code |errno |syscall |path |command |cwd )\S.*\b(?:rror|ailed|annot|issing|nvalid|not)\b.*)", _plain()),
    ("node", "", r"(?:Uncaught |\s*)?(?P<exception>(?:[A-Z]\w*)?Error(?: \[\w+\])?): (?P<message>.*)", _node),
    ("django-test", "", r"(?P<exception>FAIL|ERROR): (?P<message>\w+ \([\w.]+\))", _plain()),
    ("pytest", "", r"(?P<exception>FAILED|ERROR) (?P<file>[\w./\\-]+\.py)(?:::(?P<message>.*))?$", _plain()),
    ("go-test", "--- FAIL", r"\s*--- FAIL: (?P<message>\S+.*)", _plain()),
    ("jest", "", r"\s*(?:●|✕) (?P<message>\S.*)", _plain()),
    ("generic", "", r"\s*✗ (?P<message>\S.*)", _plain()),
    ("jest", "FAIL ", r"\s*(?P<exception>FAIL)\s+(?P<file>\S+\.[jt]sx?\b)(?P<message>.*)", _plain()),
    ("mocha", "", r"\s+\d+\) (?P<message>\S.*):$", _plain()),
    ("phpunit", "", r"\d+\) (?P<message>[\w\\]+::\w+.*)", _plain()),
    ("junit", "", r"\d+\) (?P<message>\w+\([\w.$]+\))$", _plain()),
    ("rspec", "rspec ", r"rspec (?P<file>\./\S+?):(?P<line>\d+) # (?P<message>.*)", _plain()),
    ("surefire", "<<<", r"(?:\[ERROR\] )?(?P<message>[\w.$\[\]()]+.*) <<< (?P<exception>FAILURE|ERROR)!.*", _plain()),
    ("docker", "ERROR", r"ERROR: (?P<message>failed to solve: .*)", _plain()),
    ("docker", "Error response", r"(?:docker: |.*ERROR: )?(?P<message>Error response from daemon: .*)", _plain()),
    ("git", "fatal: ", r"(?:remote: )?fatal: (?P<message>.*)", _plain()),
    ("shell", "line ", r"(?P<file>[\w./-]+): line (?P<line>\d+): (?P<message>.+)", _plain()),
    ("shell", "not found", r"(?P<file>/bin/\w+|sh|bash): (?:(?P<line>\d+): )?(?P<message>\S+: not found)", _plain()),
    ("make", "***", r"(?:(?P<file>[\w./-]*[Mm]akefile\S*):(?P<line>\d+): |make(?:\[\d+\])?: )\*\*\* (?P<message>.*)", _plain()),
    ("generic", "error: ", r"error: (?P<message>.*)", _after),
    ("generic", "", rf"(?:\[?(?:ERROR|FATAL|error|Error)\]?):? +(?!{MAVEN_ADVICE})(?P<message>\S.*)", _plain()),
)  # fmt: skip
_COMPILED = tuple((kind, hint, re.compile(source), parser) for kind, hint, source, parser in _KINDS)
_WORTH = re.compile(
    rb"[Ee]rror|ERROR|FAIL|[Ff]ail|[Ee]xception|panic|fatal|FATAL|not found|\*\*\*|: line \d|<<<|\xe2\x97\x8f|\xe2\x9c\x95|\xe2\x9c\x97"
    rb"|\.go:\d|\d\) |rspec|^e: |SQLSTATE|undefined reference|Exit|Interrupt|Timeout|Denied|DoesNotExist|Iteration|Refused|Exists"
    rb"|^[\w.]+\.[A-Z]\w+: ",
    re.MULTILINE,
)


def errors_in(recording: Recording, only_step: int | None = None, reach: int = REACH) -> tuple[ErrorSeen, ...]:
    """Every error that the steps' output tells, in order: of a step's last ``reach`` bytes, at most ``LIMIT`` a step,
    its last ones where there are more."""
    found: list[ErrorSeen] = []
    for step in recording.steps:
        if only_step is None or step.index == only_step:
            found += _of_step(step, reach)
    return tuple(found)


def _of_step(step: StepRecord, reach: int) -> list[ErrorSeen]:
    if not step.commands:
        return list(_of_text(step.log, step.index, None, 0, reach))[-LIMIT:]
    begins, line, counted = [], 0, 0
    for command in step.commands:
        line += step.log.count(b"\n", counted, command.begin)
        counted = command.begin
        begins.append(line)
    found: list[ErrorSeen] = []
    for number in reversed(range(len(step.commands))):
        command = step.commands[number]
        if command.phase != "teardown":
            output = step.output_of(command)
            found[:0] = _of_text(output, step.index, number, begins[number], reach)
            reach -= len(output)
        if reach <= 0 or len(found) >= LIMIT:
            break
    return found[-LIMIT:]


def _of_text(data: bytes, step: int, command: int | None, line0: int, reach: int) -> Iterator[ErrorSeen]:
    skipped = data.rfind(b"\n", 0, len(data) - reach) + 1 if len(data) > reach else 0
    line0 += data.count(b"\n", 0, skipped)
    data = strip_ansi(data[skipped or max(0, len(data) - reach) :])
    begin = number = 0
    before: list[str] = []
    at_line = line0
    while hit := _WORTH.search(data, begin):
        start = data.rfind(b"\n", begin, hit.start()) + 1 or begin
        at_line += data.count(b"\n", number, start)
        number = start
        end = _end(data, start)
        begin = end + 1
        tail = data[start : min(len(data), start + 6000)].decode("utf-8", "replace").split("\n")[:30]
        before = data[max(0, start - 6000) : start].decode("utf-8", "replace").split("\n")[-41:-1]
        lines = [line.rstrip("\r")[:_WIDTH] for line in (*before, *tail)]
        seen = _parse(lines, len(before))
        if seen is not None:
            kind, (exception, code, message, location) = seen
            yield ErrorSeen(step, command, at_line + 1, kind, exception, code, message[:500], location)


def _end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end


def _parse(lines: list[str], at: int) -> tuple[str, tuple[str, str, str, str]] | None:
    text = lines[at].rsplit("\r", 1)[-1]
    for kind, hint, expression, parser in _COMPILED:
        if hint and hint not in text:
            continue
        match = expression.match(text)
        if match is None or (kind == "python" and not _of_python(lines, at)):
            continue
        return kind, parser(match, lines, at)
    return None


def _of_python(lines: list[str], at: int) -> bool:
    """Whether an exception's line ends a Python traceback (or, alone, has a module's dotted name)."""
    if any(re.match(r'\s*File "[^"]+", line \d+', line) for line in lines[max(0, at - 12) : at]):
        return True
    return bool(re.match(r"(?:[a-z_]\w*\.)+[A-Z]\w*: ", lines[at])) and not re.match(
        r"(?:java|javax|org|com|net|io|kotlin|scala)\.", lines[at]
    )
