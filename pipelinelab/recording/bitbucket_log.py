"""A downloaded, pasted or raw log as a ``Recording``: the form of Bitbucket's step logs, read leniently. Pure.

Commands are the lines that begin with ``+ `` (``\\x1d+ `` in the raw stream, preferred where it is there, since
``set -x`` prints ``+ `` too). Bitbucket's own have no end mark and no exit code, so whether one is red is told by its
last words, unless another system's or a recorder's last line says it; "unknown" stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelinelab.events.types import Note
from pipelinelab.recording.command_shape import (
    assigns,
    expects_failure,
    failed_to_begin,
    forgives,
    has_another_way,
    hides_in_a_pipe,
    keeps_quiet,
    lets_fail,
    only_shows,
    passed_before_last_words,
    runs_a_script,
    says_success,
    script_of,
    stops_at,
    tries_again,
)
from pipelinelab.recording.echoes import echoes
from pipelinelab.recording.end_mark import told_exit_code
from pipelinelab.recording.log_text import strip_ansi, strip_prefixes, to_utf8
from pipelinelab.recording.log_verdict import alarmed, verdict
from pipelinelab.recording.records import CommandRecord, Recording, ServiceRecord, StepRecord
from pipelinelab.recording.thresholds import within_threshold

CAP_BYTES = 50_000_000  # Bitbucket keeps no more of a step's log
_SETUP = re.compile(
    r"umask 000$|GIT_LFS_SKIP_SMUDGE=|(?:retry \d+ )?git clone --branch=|git reset --hard \S+$"
    r"|git config \S|git remote set-url origin |git reflog expire"
    r"|echo .{0,2}\.bitbucket/pipelines/generated|CONFLICT_EXIT_CODE=|git merge \S+ --no-edit"
    r"|chmod 777 \$BUILD_DIR|git checkout -B |git fetch origin |git lfs "
)
_TEARDOWN = re.compile(
    rb"^(?:Searching for (?:test report )?files |Artifact patterns? |Compressed files |Uploading artifact"
    rb"|Successfully uploaded artifact|Cache \"[^\"\n]+\": (?:Upload|Skip)|Assembling contents of new cache"
    rb"|Skipping upload for existing cache|You already have a '[^'\n]+' cache"
    rb"|Build teardown|Finished scanning for test reports|Merged test suites, total)",
    re.MULTILINE,
)
_SECOND_LINE = re.compile(
    rb"[ \t]*(?:(?:\.|\[|cd|export|if|for|while|echo|set|source|mkdir|cp|mv|rm|sudo|docker|git|make|mvn|curl|bash|sh"
    rb"|test|npm(?! (?:ERR!|error|warn|WARN))|npx|yarn"
    rb"|pnpm|pip3?|python3?|php|composer|bundle|rake|go|cargo|dotnet|aws|gcloud|kubectl|helm|terraform"
    rb"|ansible\S*) \S|\./|[A-Z_]+=)"
)  # an item that forgives may have more lines than its first: those are in the output, right below it
_FAILED_STEP = re.compile(
    rb"for (?:the )?failed step|[Ss]tep failed|^Container '[^'\n]+' exceeded memory limit", re.MULTILINE
)
_MOST = 20_000  # commands; where there are more, they are lines of something else, and the last ones tell the end
_COMMAND_SHOWN = 4096
_TEARDOWN_REACH = 200_000


def parse_log(
    data: bytes,
    *,
    run_id: str = "log",
    platform: str = "",
    services: Sequence[tuple[str, bytes]] = (),
    exit_code: int | None = None,
) -> Recording:
    """The log as a run of one step; never raises, whatever the bytes.

    ``services`` are (name, log) pairs of separately downloaded service logs; ``platform`` is text of the web page
    beside the log; ``exit_code`` is what the step is known to have ended with, and counts where the log tells none. The
    step's result is passed, failed or unknown; offsets count in UTF-8, line numbers as in ``data``.
    """
    log, what = to_utf8(data)
    notes = [Note(at=0.0, kind="log-encoding", text=what)] if what else []
    if CAP_BYTES <= len(log) < CAP_BYTES * 1.1:
        text = "Bitbucket keeps 50 MB of a step's log, and this one ends there: the rest is lost"
        notes.append(Note(at=0.0, kind="log-capped", text=text))
    if not log.strip():
        notes.append(Note(at=0.0, kind="log-empty", text="the log is empty: the image may not have started at all"))
    spans = [_silent(log, span) for span in _commands(log)]
    last = _failing(log, spans)
    told = told_exit_code(log)
    code = exit_code if told is None else told
    result = _result(log, spans, last) if code is None else "failed" if code else "passed"
    code = 0 if result == "passed" else code
    commands = tuple(_record(span, result, code, last) for span in spans)
    step = StepRecord(
        index=1,
        name="log",
        result=result,
        exit_code=code,
        commands=commands,
        services=tuple(ServiceRecord(name=name, log=to_utf8(text)[0]) for name, text in services),
        notes=tuple(notes),
        image_used=_image(log),
        log=log,
    )
    return Recording(
        run_id=run_id, source="log", result=result, exit_code=step.exit_code, steps=(step,), notes=tuple(notes),
        platform=platform, complete=False,
    )  # fmt: skip


_Span = tuple[str, int, str, int, int]  # phase, index, command, begin, end


def _commands(log: bytes) -> list[_Span]:
    heads = echoes(log)[-_MOST:]
    if not heads:
        return [("script", 0, "", 0, _teardown(log, 0, len(log))), *_tail(log, 0, len(log))]
    spans: list[_Span] = []
    if log[: heads[0][0]].strip():
        spans.append(("setup", 0, "", 0, heads[0][0]))
    phase, counts, torn = "setup", {"setup": len(spans), "script": 0, "after-script": 0}, False
    for number, (_, begin, raw) in enumerate(heads):
        end = heads[number + 1][0] if number + 1 < len(heads) else len(log)
        command = strip_ansi(raw[:_COMMAND_SHOWN]).decode("utf-8", "replace").rstrip("\r")
        if phase == "setup" and not _SETUP.match(command):
            phase = "script"
        if torn:
            phase = "after-script"
        stop = _teardown(log, begin, end) if phase != "setup" or end == len(log) else end
        spans.append((phase, counts[phase], command, begin, stop))
        counts[phase] += 1
        if stop < end:
            torn = True
            spans.append(("teardown", 0, "", stop, end))
    return spans


def _silent(log: bytes, span: _Span) -> _Span:
    """The item, without output where all of it is the line in which a recorder tells its exit code."""
    output = log[span[3] : min(span[4], span[3] + _COMMAND_SHOWN)].strip()
    marked = bool(span[2] and output) and b"\n" not in output and told_exit_code(output) is not None
    return (*span[:4], span[3]) if marked else span


def _teardown(log: bytes, begin: int, end: int) -> int:
    """Where the tear-down begins: it is short, so only the end of the output is looked at."""
    found = _TEARDOWN.search(log, _line_begin(log, max(begin, end - _TEARDOWN_REACH), begin), end)
    return found.start() if found else end


def _line_begin(log: bytes, at: int, least: int) -> int:
    return max(least, log.rfind(b"\n", least, at) + 1)


def _tail(log: bytes, begin: int, end: int) -> list[_Span]:
    stop = _teardown(log, begin, end)
    return [("teardown", 0, "", stop, end)] if stop < end else []


def _failing(log: bytes, spans: Sequence[_Span]) -> _Span | None:
    """With ``set -e`` a step stops where it fails: at its last script item, or in the set-up where it has none. Items
    that cannot fail may be the after-script of one that did."""
    script = [span for span in spans if span[0] == "script"]
    if not script:
        return next((span for span in reversed(spans) if span[0] == "setup"), None)
    earnest = next((span for span in reversed(script) if not _forgiven(log, span)), script[-1])
    blamed = earnest != script[-1] and "||" not in earnest[2] and _ends_badly(log, earnest)
    return earnest if blamed else script[-1]


def _ends_badly(log: bytes, span: _Span) -> bool:
    output = strip_prefixes(strip_ansi(log[max(span[3], span[4] - _TEARDOWN_REACH) : span[4]]))
    return alarmed(output.rstrip().rpartition(b"\n")[2])


def _result(log: bytes, spans: Sequence[_Span], last: _Span | None) -> str:
    if last is None:
        return "unknown"
    torn = b"".join(log[begin:end] for phase, _, _, begin, end in spans if phase == "teardown")
    if _FAILED_STEP.search(torn):
        return "failed"
    if b"existing cache" in torn or b"new cache" in torn:
        return "passed"  # Bitbucket saves caches of green steps only
    return "passed" if _forgiven(log, last) else _told(log, last)


def _forgiven(log: bytes, span: _Span) -> bool:
    """Whether the item ends with 0 whatever it says; a pipe's exit code is that of its last command."""
    output = strip_ansi(log[span[3] : min(span[3] + _COMMAND_SHOWN, span[4])])
    if not forgives(script_of(span[2], output)) and (b"pipefail" in log[: span[3]] or not hides_in_a_pipe(span[2])):
        return False
    return not failed_to_begin(span[2], output) and not _SECOND_LINE.match(log, log.find(b"\n", span[3], span[4]) + 1)


def _told(log: bytes, span: _Span) -> str:
    """What the end of the item's output tells."""
    begin = max(span[3], span[4] - 400_000)
    output = strip_prefixes(strip_ansi(log[begin : span[4]]))
    last = output.rstrip().rpartition(b"\n")[2].strip()
    if says_success(span[2], last) or passed_before_last_words(span[2], output):
        return "passed"
    if (within := within_threshold(span[2], output)) is not None:
        return "passed" if within else "failed"
    told = verdict(output).word
    doubtful = (
        only_shows(span[2], last)
        or has_another_way(span[2], last)
        or ((tries_again(span[2]) or runs_a_script(span[2])) and not alarmed(last))
        or not stops_at(span[2], _last_alarm(output))
        or expects_failure(span[2])
        or lets_fail(span[2], _last_alarm(output))
        or keeps_quiet(span[2], output)
    )
    if told == "unknown" and assigns(span[2]):
        return "failed"
    return "unknown" if told == "failed" and doubtful else told


def _last_alarm(output: bytes) -> bytes:
    lines = output[-4096:].splitlines()
    return next((line for line in reversed(lines) if alarmed(line)), b"")


def _record(span: _Span, result: str, code: int | None, last: _Span | None) -> CommandRecord:
    phase, index, command, begin, end = span
    if span != last:
        return CommandRecord(phase=phase, index=index, command=command, begin=begin, end=end, result="passed")
    return CommandRecord(phase=phase, index=index, command=command, begin=begin, end=end, result=result, exit_code=code)


def _image(log: bytes) -> str:
    found = re.search(rb"(?m)^[ \t]*build ?: (\S{1,300})", log[:200_000])
    return found.group(1).decode("utf-8", "replace") if found else ""
