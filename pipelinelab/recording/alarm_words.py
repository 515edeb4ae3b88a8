# ruff: noqa: E501 - the tables of expressions read best one a line
"""The words that sound like a failure, those that only seem to, and what belongs to an alarm. Pure."""

from __future__ import annotations

import re

_ALARM: dict[str, tuple[str, ...]] = {
    "errors by name": (
        r"^(?:[\w.$]*[.\w])?(?:Error|Exception|Warning\#)(?: \(0x[0-9A-Fa-f]+\))?(?::|$)(?! 0)|^\[\w*(?:Error|Exception)\]: ",
        r"^(?:\S+: |[|│] )?(?:error|ERROR|Error|ERR!|E {2,})[:!](?! (?:0|none|null|nil)\b)|^E: |^\[ERROR\]|\[ERR\]",
        r"^(?:ERROR|FATAL|fatal) |^(?:fatal|FATAL|panic|PANIC):|^##\[error\]|^Caused by:|: error : |\berror(?: \w+\d+)?: |^error (?!rate\b)|\bError [1-9]\d*$",
        r"^Traceback \(most |^Exception in thread \"main\" |\b[Aa]n error occurred\b|\b(?:ERRORS|FAILURES)!|Oops",
    ),
    "counts and exit codes": (
        r"\b[1-9]\d* (?:failed|failing|failures?|errors?)\b(?!\.\w)|\b(?:errors|failures)=[1-9]|\b(?:Failures|Errors): [1-9]",
        r"\b(?:exit(?:ed)? (?:code|status|with(?: code)?)|status code|(?<!lines of )code)[ :=]*(?!0\b|200\b|20\d\b)[1-9]\d*\b",
        r"returned a non-zero code|\bcurl: \(\d",
    ),
    "said to have failed": (
        r"\bFAILED\b(?! ?[:=] ?0)|\bfailed\.?$|^Failed! |\.{3}Failed$|\b[Ff]ailed to compile|^[^\w\n]{0,10}Failed to connect\b",
        r"^build finished with problems|BUILD FAIL|\[build failed\]|Build failed\b|Finished: FAILURE|Exiting with failure|\bFailing command\b|errors occurred!",
        r"\baborted(?:!|\.$)|, aborting\.?$|\bAborted\b|==ABORTING$|\bKilled\b|\b[Tt]erminated\.?$|Segmentation fault|core dumped|not recoverable",
        r"✖|✘|✗|❌|^✕",
    ),
    "refused or not there": (
        r": command not found|: not found$|\bwas not found\.|No such file or directory|Permission denied|: Operation not permitted$|\bdenied\b|\bnot valid\.",
        r"\bE(?:NOENT|ACCES|PERM|EXIST|CONNREFUSED|CONNRESET|TIMEDOUT|NOTFOUND|ADDRINUSE): ",
        r"[Cc]onnection refused|\b[Cc]an(?:not|'t) |[Cc]ould(?:n't| not) |\b[Uu]nable to\b| - (?:no response|rejecting connections)$",
        r"\bnot available after \d+ seconds$|No space left on|Read-only file system|Input/output error|quota exceeded|exceeded |bind: Address already in use",
        r"\b(?:are|is|has) expired\b|unbound variable$|\[remote rejected\]|\[rejected\]|version is incompatible with",
    ),
    "of one tool": (
        r"\bnpm (?:ERR!|error) |^Your (?:lock file does not|requirements could not)|pub get failed|Your Ruby version is|requires go >=",
        r"^E[0-3]\d{3} [A-Z']|^>> Issue: \[|^Package \S+ \(\S+\) not found\.$|^== \[\S+\] FAIL$|^(?:vet: )?\S+\.go:\d+:\d+: |^\S+\.py:\d+:\d+: [EFC]\d+ |^ +\d+:\d+ +error +\S",  # sqlfluff, go, flake8, ESLint
        r"^In \S+ line \d+:$|^\d+ files? inspected, [1-9]\d* offenses? detected(?![^\n]* corrected\b)|\bwould be reformatted\b",
        r"^(?:\(error\) )?(?:OOM|NOAUTH|WRONGPASS|NOPERM|WRONGTYPE|MISCONF|READONLY|LOADING|CLUSTERDOWN|EXECABORT) [A-Z]?[a-z]+ ",  # Redis
        r"^dependency failed to start: | Container \S+ +Error$|no basic auth cred|manifest unknown|^[ \t]*---> |Exceeded build time",
        r"\bExport encountered |^SimpleCov failed with exit|^Remaining self deprecation notices \([1-9]",
    ),
}
_HARMLESS = (
    r"(?:(?<!-)- |[–—(] ?)(?:ignor(?:ed|ing)|skipp(?:ed|ing)|continuing)(?: it| this| anyway| without(?: it)?)?\)?\.?$"
    r"|\((?:not|non-) ?fatal\)$|\b\d+ errors? ignored$",
    r", (?:skipping|skipped|ignoring|ignored|continuing)(?: it| this)?$",
    r"^\S+:\d+:\d+: (?:information|style|note|remark): ",  # cppcheck
    r", (?:using (?!password)\S+|falling back to \S+)$",
    r"^expected: |^\[?(?i:fallback|ignor(?:ed|ing)|skipp(?:ed|ing)|handled|caught|recovered)\]?: ",
    r"^(?:Note|Warning) \(Code \d+\): |^Note\t\d+\t",  # MySQL's own, of what IF EXISTS forgives
    r"^could not change directory to \"|-Xfrozen_modules=off",  # psql for another user; Python's debugger
    r"^(?:psql:[^\n]*?: )?NOTICE:  |^mysqldump: Error: '[^\n]*' when trying to dump ",  # SQL that goes on
    r"ERROR:\S*(?:bus|object_proxy|gpu\w*|viz\w*|gl_\w+|vaapi\w*|angle\w*|command_buffer\w*)\.cc",  # Chromium without a desktop
    r"^debconf: |Term/ReadLine\.pm|^invoke-rc\.d: |^perl: warning|policy-rc\.d denied execution|^update-alternatives: ",
    r"^\[(?:[\w./-]+|detached HEAD)(?: \(root-commit\))? [0-9a-f]{7,40}\] ",  # a commit's title, as git commit shows it
    r"^ok \d+ |^BW0\d: ",  # a test's title, what Bats warns of
    r"^not ok \d+[^\n]*# (?:TODO|todo|SKIP|skip)\b|# SKIP\b",
    r"^(?:time=\S+ )?level=error msg=\"Handler for [^\n]*No such image",  # the docker service, before it pulls
    r"^Could not (?:load|store) entry \S+ (?:from|in) remote build cache: ",  # Gradle, which then builds without it
    r"^Cache \"[^\"\n]+\": Not found",  # Bitbucket's own set-up
    r"^Package '[^'\n]+' already exists at feed|\bAnalyzing commit: ",  # NuGet, told to skip what is there; a commit's title
    r"\((?:as |is |was )?expected(?: (?:in|here|by|for) [^)\n]{0,30})?\)| {2}expected (?:timeout|refusal|[45]\d\d)$",
    r"^(?![^\n]*\b[1-9]\d* (?:failures?|failed|errors?)\b)[^\n]*(?:(?<!\d bugs and)[( ]0 errors?\b|[ ,]0 failed\b)|retriable status|[Ff]ailed to connect to the bus|MESA-LOADER|libGL error",
)
_DECISIVE = (
    r"^FAIL(?:\t\S+\t\[?[\w.]+[^\n]*)?\n*\Z|^\S+\.rb:\d+:in [`'][^\n]*\n(?:[ \t]+(?:from|\d+:) [^\n]*\n*)*\Z",  # Go, Ruby
    r"\n\nNode\.js v\d+\.\d+\.\d+\s*\Z",  # after what nobody caught
    r"^>> Issue: \[B\d+",  # Bandit shows those of the level that it was asked for
    r"^FAILED \((?:failures|errors)=\d[^\n]*\)$(?!(?:\n[^\n]*){0,400}?\nOK\b)",  # unittest, unless it was run again
    r"^fatal: the remote end hung up unexpectedly\nEverything up-to-date",  # git says both of a push that failed
    r"^[^\n]{1,80}?\.{3,}(?:\([^)\n]*\))?Failed[ \t]*\n- hook id: ",  # pre-commit
    r"^Encountered errors while bringing up the project\.",  # Docker Compose 1
    r"^-- Configuring incomplete, errors occurred!|^not ok \d+(?![^\n]*# (?:TODO|todo|SKIP|skip))",
    r"^FOUND [1-9]\d* ERRORS? [^\n]*AFFECTING ",  # PHP_CodeSniffer
    r"^ +[1-9]\d* failing$(?!(?:\n[^\n]*){0,400}?\n +\d+ passing)",  # mocha, unless it was run again
    r"^\d+ success(?:es)? / (?:[1-9]\d* failures? / |\d+ failures? / [1-9]\d* errors? )|^Fail: +[1-9]\d* *$",  # busted, Meson
    r"^ +Failed: [1-9]\d*\. +Skipped: \d+\. +Passed: |^\xe2\x94\x82 +assertions \xe2\x94\x82 +\d+ \xe2\x94\x82 +[1-9]",  # EUnit, Newman
    r"^build finished with problems, \d+ warnings?|^\d+ tests?, \d+ passed, [1-9]\d* failed",  # Sphinx, told to be strict; Robot
    r"^FAIL Required test coverage of|^Coverage failure: total|^Rule violated for ",
    r"^Jest: (?:[^\n]*coverage threshold |Coverage for )|^Test Suites: [^\n]*\b[1-9]\d* failed|^ERROR: Coverage for ",
    r"^ +[1-9]\d* failed\n(?:[^\n]*\n){0,60}? +\d+ passed \([\d.]+m?s?\)[ \t]*$",  # Playwright
    r"^The command \"[^\n]+\" exited with [1-9]\d*\.$|^Done\. Your build exited with [1-9]",  # Travis
    r"^Failed! +- Failed: +[1-9]|^\S+ +: ok=\d+[^\n]*(?:unreachable|failed)=[1-9]",  # .NET, Ansible
)
_BELONGS = (
    r"\[(?![\w-]+\] [a-z])|[\s}\]){(|>^~*<=#@'\"`,:+.-]|[\u2010-\u2bff\U0001f000-\U0001faff]|\d+ *[|:]|\d+ +[A-Z]+\d+ |\d+$|at |in |Node\.js v|FAIL\b",
    r"(?i:see|please|try|run|hint|use|for|consider|check|did|if|you|to|make sure|and|or|note|help|tip|learn|more|stack"
    r"|backtrace|details?|context|statement|query|location|reason|usage|alternatively|options|commands|npm|yarn|visit|info|this|these|that|it|the|there|was|were|is|are"
    r"|install|instead|update|set|add|ensure|specify|provide|requested|required|expected|actual|available|supported|current|https?)\b",
    r"(?:[A-Z]\w*(?: [A-Za-z]+){0,3}):\s*$|\d[\d.]* \[|(?:[A-Z]\w* )?(?:ID|Id|Timestamp|Time|Date|Code|Status|Version|URL|Path|Operation|Who|Created|Host|Request\w*): |[A-Z][\w ]{1,15} +: |\S+:\d+:in |E {3}|\S+\.py:\d+:\d+: [A-Z]+\d+ |\S+:\d+: [A-Z]\w*(?:Error|Exception|Warning|Failed)$|LINE \d+: |Process \d+ waits |Got: |Your \w+ version is |Exiting|BusyBox v|Snapshots: |Ran all test suites|Force exiting Jest|Preserving test database|Found \d+ test|System check identified|Reading state info|\d+\+\d+ records ",
)


def _anywhere(expressions: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile("|".join(expressions).encode(), re.MULTILINE)


ALARM = _anywhere(tuple(one for family in _ALARM.values() for one in family))
"""Words that sound like a failure; a green log may hold them."""

DECISIVE = _anywhere(_DECISIVE)
"""What ends with a code above zero although words of success follow or surround it."""

HARMLESS = _anywhere(_HARMLESS)
"""Chatter that sounds bad and stops nothing."""

CALM = re.compile(
    rb"(?![ \t]{3}|[^\n]{0,40}:ERROR \[)[\d:.,T/Z +\[\]-]*\[?['\"]?(?:info|INFO|notice|NOTICE|debug|DEBUG|SUCCESS|success|trace|TRACE)['\"]?\]?(?=[\s:|\]])[^\n]*"
)
"""A line of a logger at a level that means no harm."""

WARNING = re.compile(
    rb"^(?!(?:fatal|FATAL|ERROR|Error|error)\b|\w+sum: WARNING: )[^\n]*\b(?:[Ww]arn(?:ing)?|WARN(?:ING)?)\b",
    re.MULTILINE,
)
"""A line with one of these is no alarm, but where it begins as an error."""

BELONGS = re.compile("|".join(_BELONGS))
"""The beginning of a line that goes on with what was said before it: indented, a frame, a hint, advice."""

LEAVES = re.compile(rb"(?i:shut|stop|clos|exit|abort|terminat|kill|fail|finish|end)")
"""What a logger says at a calm level when its program ends: no sign that it went on."""

IGNORED = re.compile(
    rb"^(?:fatal|failed): \[[^\n]*\n(?:[^\n]*\n){0,2}?\.\.\.ignoring$"
    rb"|^sftp> -[^\n]*\n(?!sftp> )[^\n]*$"
    rb"|^WARNING in [^\n]*\n[^\n]*$"
    rb"|^> [^\n]*\becho [^\n;|]*&& exit 0$\n\n?[^\n]*$"
    rb"|^[^\n]*\nmake(?:\[\d+\])?: \[[^\n]*\] Error \d+ \(ignored\)$",
    re.MULTILINE,
)
"""A failure that Ansible, sftp or make was told to ignore, whole, what webpack only warns of, and what an npm script says before it ends with 0."""
