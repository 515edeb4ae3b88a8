"""What a command's own text tells of how it may end, and of whose words its output is. Pure."""

from __future__ import annotations

import re

SMALL_TOOL = re.compile(rb"(?:\S+: line \d+: )?(?P<name>rm|rmdir|ls|cat|mv|cp|kill|pkill|killall|find|grep): ")
"""A complaint of a tool that prepares or cleans up around what a command is for."""
_SPEAKS_UP = (
    (re.compile(r"(?:\./)?mvnw? [^;&|]*$"), re.compile(rb"^\[ERROR\]|BUILD FAILURE|^Error: ", re.MULTILINE)),
    (re.compile(r"(?:\./)?gradlew? [^;&|]*$"), re.compile(rb"^FAILURE: |BUILD FAILED|^Error: ", re.MULTILINE)),
)
_FORGIVES = re.compile(
    r"\|\| *(?:true|:|exit 0|(?:echo|printf) [^;|&]*) *['\")]* *$"
    r"|[ ](?:--runtime-set ignore_errors_on_exit 1|--exit-zero|--soft-fail|--no-fail|--exit-code[= ]0)\b[^;|&]*$"
    r"|^cppcheck (?!.*--error-exitcode)[^;|&]*$"
)
_FORCED = re.compile(r"(?:^|[;&|] *)(?:sudo )?(?:mysql|mariadb) [^;&|]*(?<= )(?:--force|-f)(?: [^;&|]*)?$")
_NOT_FORCED = re.compile(rb"^ERROR \d{4} \(\w{5}\): ", re.MULTILINE)  # of no line of the file: the login
_PASSES_ON = r"[^|]\| *(?:tail|head|tee|cat)\b"
_PIPED = re.compile(rf"{_PASSES_ON}[^;|&)]*$|^\([^$]*{_PASSES_ON}[^;|&]*\)$")  # not within $(…)
_BACKGROUND = re.compile(r"(?<![&<>|\\])&(?=[\s)]|$)")
_SAID_AFTER = re.compile(r"(?:^|&&|;|\|\||\n) *(?:echo|printf) +[\"']?(?P<words>[^\"'\n;|&$\\]{2,}?)[\"']? *$")
_SAID_LAST = re.compile(r"\b(?:echo|printf) +[\"']?(?P<words>[^\"'\n;|&$\\]{2,}?)[\"']? *; *(?:fi\b|esac\b|\})")
_NPM_RUNS = re.compile(r"(?:npm|pnpm) (?:run(?:-script)? |test\b|t\b|start\b)[^;&|\n]*\Z")
_NPM_SHOWS = re.compile(rb"\s*> (?:\S+@\S+ )?[\w:.-]+(?: [^\n]*)?\n> (?P<script>[^\n]+)\n")
_IGNORED_BY_MAKE = re.compile(rb"make: \[[^\]]*\] Error \d+ \(ignored\)")
_STATUS = re.compile(rb"[23]\d\d\Z")  # of HTTP
_TRIES = re.compile(r"\b(?:until|while !?) |&& *break\b|(?:^| )--retry[ =-]|^if ")
_SPEAKS = (
    r"wget (?!-\w*q|--quiet)|(?:npm|pnpm|yarn|composer|bundle|pip3?|python3? -m pip) (?:ci|install)\b"
    r"|apt-get install|docker (?:pull|push|build)\b"
)  # whatever becomes of it, it says something
_OTHERWISE = re.compile(rf"[^|](?P<or>\|\|) *(?!exit|return|false|(?:sudo )?(?:{_SPEAKS}))[\w./$(][^;|&\n]*$")
_FALLS_BACK = re.compile(r"[^|]\|\| *(?!exit|return|false|true|:|echo|printf)[\w./$(][^;|&\n]*$")
_ASSIGNS = re.compile(r"[A-Za-z_]\w*=(?:\"?\$\((?!\().*\)\"?|`[^`]*`)\Z", re.DOTALL)
_TIMED = re.compile(r"(?:^|[;&|] *)timeout +(?:-\S+ +(?:\w+ +)?)*[\d.]+[smhd]? ")
_EXPECTS = re.compile(
    r"! (?!.*(?:&&|\|\||[;\n]))"
    r"|if (?!.*\b(?:else|elif)\b).*; *then *(?:(?:(?:echo|printf) [^;]*|exit +\d+|:|true) *; *)+fi *$",
    re.DOTALL,
)
_WAITS = re.compile(r"\btimeout +(?:-\S+ +(?:\w+ +)?)*[\d.]+[smhd]? .*\b(?:until|while) ", re.DOTALL)
_SCRIPT = re.compile(
    r"(?:(?:bash|sh|source|\.) +(?!-\w*c\b)(?:-\w+ +)*[\w$./{}-]+|(?:\./)?[\w$./{}-]+\.sh)(?: [^;&|]*)?$"
    r"|.*\| *(?:ba)?sh\b[^|]*$|ssh .*\bbash -s"
)
_PSQL = re.compile(r"\bpsql\b[^;&|]*(?: -\w*f[ =]?|--file|<)")
_PSQL_ERROR = re.compile(rb"(?:psql:\S+:\d+: )?ERROR:  ")
_REDIS = re.compile(r"^(?:\S*redis-cli (?!.* -e\b)[^;|&]*(?:; *|$))+$")
_REDIS_ERROR = re.compile(rb"(?:\(error\) )?(?:ERR|WRONGTYPE|BUSYGROUP|NOSCRIPT|EXECABORT) ")
_PING = re.compile(r"\b(?:mysqladmin|mariadb-admin)\b[^;&|]* ping\b")
_UNITTEST = re.compile(
    r"(?:\w+=\S+ )*(?:\S*(?:python|coverage)\S* .*(?:-m unittest|\btest)|\S*manage\.py test)\b[^;&|\n]*\Z"
)
_RAN_OK = re.compile(rb"^Ran \d+ tests? in [\d.]+s\n\nOK(?: \([^\n]*\))?$", re.MULTILINE)
_FETCHES = re.compile(r"curl (?!(?:[^;&|]* )?(?:-\w*f|--fail))[^;&|]*$")
_PAGE = (b"{", b"[", b"<", b'"')  # what an answer's body may begin with, in any of its lines
_SHOWS = re.compile(r"(?P<program>cat|tail|head|ls|grep|zcat|less|find|git (?:log|show|shortlog))\b[^;&|]*$")


def forgives(command: str) -> bool:
    """Whether it ends with 0 whatever its programs say."""
    return _FORGIVES.search(command) is not None or _FORCED.search(command) is not None


def failed_to_begin(command: str, output: bytes) -> bool:
    """Whether it is a mysql command that ``--force`` lets go on after an error, and did not get as far as that."""
    return _FORCED.search(command) is not None and _NOT_FORCED.search(output) is not None


def hides_in_a_pipe(command: str) -> bool:
    """Whether, without pipefail, its exit code is that of a program that only passes text on."""
    return _PIPED.search(command) is not None


def runs_in_background(command: str) -> bool:
    """Whether it leaves a program running and does not wait for it: ``./serve &``."""
    return _BACKGROUND.search(command) is not None


def lets_fail(command: str, line: bytes) -> bool:
    """Whether ``line`` is the complaint of a small tool that the command lets fail: ``rm x || true; …``."""
    tool = SMALL_TOOL.match(line)
    return tool is not None and re.search(rf"\b{tool['name'].decode()}\b[^;|&]*\|\| *(?:true|:)", command) is not None


def keeps_quiet(command: str, output: bytes) -> bool:
    """Whether it is one program that always says so where it fails, and did not: what it logged is of its tests."""
    said = next((said for program, said in _SPEAKS_UP if program.match(command)), None)
    return said is not None and said.search(output) is None


def script_of(command: str, output: bytes) -> str:
    """The command that npm shows before it runs it for ``command``; that one where it shows none."""
    shown = _NPM_SHOWS.match(output) if _NPM_RUNS.match(command) else None
    return command if shown is None else shown["script"].decode("utf-8", "replace")


def says_success(command: str, last: bytes) -> bool:
    """Whether ``last``, its last line, is what its own last ``echo`` says (``… && echo done``), which then ended it,
    the status that curl was asked for, a failure that make was told to ignore, or the refused login that tells
    mysqladmin's ping that the server is alive."""
    if _PING.search(command) and last.startswith(b"error: 'Access denied"):
        return True
    if _IGNORED_BY_MAKE.fullmatch(last.strip()):
        return True
    if "%{http_code}" in command and _STATUS.match(last.strip()):
        return True
    said = [_SAID_AFTER.search(command), *_SAID_LAST.finditer(command)]
    return any(last.strip() == one["words"].strip().encode() for one in said if one is not None)


def passed_before_last_words(command: str, output: bytes) -> bool:
    """Whether it is unittest's runner and ``output`` holds its OK: what the tests printed comes after it, for standard
    output is written when the program ends, and says nothing of that end."""
    if not _UNITTEST.match(command):
        return False
    ran = output.rpartition(b"\nRan ")
    rest = b"Ran " + ran[2]
    return bool(ran[1]) and _RAN_OK.match(rest) is not None and b"Traceback (most recent call last)" not in rest


def tries_again(command: str) -> bool:
    """Whether a failure within it need not be its end: it waits, repeats or asks with ``if``."""
    return _TRIES.search(command) is not None


def expects_failure(command: str) -> bool:
    """Whether a failure is what it wants or lets pass: ``! a``, or ``if a; then …; fi`` that does no more than say so
    and end."""
    return _EXPECTS.match(command) is not None


def has_another_way(command: str, last: bytes = b"") -> bool:
    """Whether it is ``a || b``: what a said on its end need not be the end of b, which may say nothing. Not where
    ``last``, its last line, bears the name of b's program, and a is another one."""
    other = _OTHERWISE.search(command)
    if other is None:
        return False
    program = re.match(r"[\w.-]+", command[other.end("or") :].lstrip())
    spoke = program is not None and last.startswith(f"{program[0]}: ".encode())
    return not spoke or program is None or re.match(rf"(?:sudo )?{re.escape(program[0])}\b", command) is not None


def falls_back(command: str) -> bool:
    """Whether it is ``a || b`` where b does something: what a said has not ended it."""
    return _FALLS_BACK.search(command) is not None


def runs_a_script(command: str) -> bool:
    """Whether it is a shell script of the project's own: its commands are many, and what one of them complained of
    stopped it only where ``set -e`` did so at once."""
    return _SCRIPT.match(command) is not None


def assigns(command: str) -> bool:
    """Whether it is ``NAME=$(…)``, which ends as the command within does (``export NAME=$(…)`` ends with 0) and does
    nothing but for a command after it: where it is the last one, the step stopped there."""
    return _ASSIGNS.match(command) is not None


def is_timed(command: str) -> bool:
    """Whether ``timeout`` may end it, with 124."""
    return _TIMED.search(command) is not None


def waits_so_long(command: str) -> bool:
    """Whether it is a loop that ``timeout`` ends."""
    return _WAITS.match(command) is not None


def stops_at(command: str, line: bytes) -> bool:
    """Whether such a line can have ended the command: psql reads a file to its end whatever its statements say, and
    redis-cli ends with 0 whatever the server answers, unless they are told otherwise."""
    if _PSQL.search(command) and "ON_ERROR_STOP" not in command and _PSQL_ERROR.match(line):
        return False
    return not (_REDIS.search(command) and _REDIS_ERROR.match(line))


def only_shows(command: str, line: bytes) -> bool:
    """Whether the line is not the command's own but of a file or list that it shows: ``tail build.log``; or of an
    answer's body, which curl fetches whatever it says."""
    if _FETCHES.match(command) and line.lstrip().startswith(_PAGE):
        return True
    shows = _SHOWS.match(command)
    if shows is None or line.startswith((b"fatal: ", b"error: ")):
        return False
    return shows["program"].encode() + b": " not in line
