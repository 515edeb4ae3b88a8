# ruff: noqa: E501 - the tables of expressions read best one a line
"""The words that build tools end with: of success, of alarm, and of what belongs to an alarm. Pure.

Each expression is what one family of tools prints when it is done; all of them are tried at the beginnings of lines."""

from __future__ import annotations

import re

_SUCCESS: dict[str, tuple[str, ...]] = {
    "test runners": (
        r"OK(?: \([^\n]*\)|, but [^\n]*)?[ \t]*$",  # unittest, Django, PHPUnit, nose
        r"=+ (?![^\n]*(?: failed|error))[^\n]*\b\d+ passed[^\n]*=+[ \t]*$|(?![^\n]*(?: failed|error))\d+ passed\b[^\n]*",  # pytest
        r" +\d+ passed \([\d.]+m?s?\)[ \t]*$|  \d+ tests? passed$(?!\n(?:[^\n]*\n){0,6}?  \d+ un(?:caught|handled))",  # Playwright, AVA
        r" *Tests: +(?![^\n]*failed)[^\n]*\d+ passed",  # jest, Pest
        r" *(?:Test Files| Tests) +(?![^\n]*failed)[^\n]*\d+ passed",  # vitest
        r"[ \t]*\d+ passing\b(?![^\n]*\n(?: +\d+ pending\n)? +[1-9]\d* failing)|PASS[ \t]*$|ok +\t?\S+\t[^\n]*|test result: ok\.",  # mocha, Go, Rust
        r"\d+ examples?, 0 failures(?![^\n]* errors? occurred)|\d+ runs,[^\n]* 0 failures, 0 errors",  # RSpec, minitest
        r"Passed![ \t]+-[^\n]*|\d+ tests?, (?:\d+ passed, 0 failed|0 failures)[^\n]*",  # .NET, bats, ExUnit
        r"[^\n]{1,80}\.{3}(?:\([^)\n]*\))?(?:Passed|Skipped)[ \t]*$",  # pre-commit
        r"All \w* ?(?:tests|checks|specs)\b[^\n]*passed[^\n]*|0 failed\b[^\n]*|Results: 0 failed[^\n]*",
        r"(?:All specs|\d\d:\d\d \+\d+(?: ~\d+)?: All tests) passed!?[^\n]*|[^\n]{0,40}\bPASSED[ \t]*$",  # Cypress, Flutter
        r"[^\n]{0,40}[Tt]ests run: \d+, +Failures: 0, +Errors: 0[^\n]*|TOTAL: \d+ SUCCESS[ \t]*$",  # JUnit, Karma
        r"(?:ℹ|#) fail 0[ \t]*$| +0 fail[ \t]*$|ok \| \d+ passed \| 0 failed[^\n]*",  # node, Bun, Deno
        r"\*\* (?:TEST|BUILD|ARCHIVE|EXPORT) SUCCEEDED \*\*",  # xcodebuild
        r"(?:ok \d+[^\n]*\n){1,200}1\.\.\d+[ \t]*$|1\.\.(?P<plan>\d+)\n(?:(?!not ok)[^\n]*\n){0,400}?ok (?P=plan)\b[^\n]*",  # TAP, whole
        r"100% tests passed, 0 tests failed out of \d+|All tests successful\.[^\n]*|Result: PASS[ \t]*$",  # TAP
        r"\d+ (?:steps|scenarios) passed, 0 failed[^\n]*|[^\n]*: Successful[ \t]*| +congratulations :\) [^\n]*",  # behave, newman, tox
    ),
    "builds": (
        r"(?:\[INFO\] )?BUILD SUCCESS(?:FUL)?\b[^\n]*|Build succeeded\.?[ \t]*|\[success\] Total time[^\n]*",  # Maven, Gradle, .NET, sbt
        r"(?: *[wW]ebpack[^\n]*)?[Cc]ompiled successfully[^\n]*|(?:✓|✔) built in[^\n]*|Build at: \S+ - Hash:[^\n]*",
        r"(?:✨ +)?Done(?: in [\d.]+m?s|!|\.)[^\n]*|INFO: Build completed successfully[^\n]*|✔ Success!?[^\n]*",
        r"\[100%\] Built target[^\n]*|config\.status: creating[^\n]*|-- (?:Configuring|Generating) done[^\n]*",
        r" *Finished (?:release|dev|test|`\w+`)[^\n]*target[^\n]*|\d+ static files? (?:copied|unmodified)[^\n]*",
        r"build succeeded[,.][^\n]*|All done! [^\n]*|(?:○|●|λ|ƒ) +\((?:Static|SSG|Dynamic|Server|ISR)\)[^\n]*",  # Sphinx, Black, Next.js
        r"Found 0 of \d+ files that can be fixed[^\n]*|\d+ chart\(s\) linted, 0 chart\(s\) failed",  # PHP CS Fixer, Helm
        r"✖ \d+ problems? \(0 errors, \d+ warnings?\)[ \t]*$(?!\s+ESLint found too many)|[^\n]{1,80}: PASSED(?: with warnings)?[ \t]*$",  # ESLint, twine
        r"INFO: (?:EXECUTION|ANALYSIS) SUCCESS[^\n]*|Finished: SUCCESS[ \t]*",  # SonarScanner, Jenkins
    ),
    "packages": (
        r"added \d+ packages?[^\n]*|up to date[^\n]*|found 0 vulnerabilities[ \t]*|Bundle complete![^\n]*",
        r"Generating (?:optimized )?autoload files[ \t]*|No broken requirements found[^\n]*|Pod installation complete![^\n]*",
        r"Success(?:fully|:)? (?:built|tagged|installed|deployed|published|pushed|created|updated|applied|completed|finished|synced|logged|copied|uploaded (?!artifact))[^\n]*",
    ),
    "containers": (
        r"Login Succeeded[ \t]*|naming to [^\n]*done[ \t]*|[^\n]*:[ ]digest: sha256:[0-9a-f]{64}[^\n]*|#\d+ DONE[^\n]*",
        r" *(?:✔ )?Container \S+ +(?:Started|Healthy)[^\n]*",
        r"(?:Assembling contents of new cache|Skipping upload for existing cache)[^\n]*",
    ),
    "deployments": (
        r"\S* ?[Dd]eploy(?:ment)? (?:complete|succeeded|successful|finished)[^\n]*|✔ +Deploy complete![^\n]*|Deployment Complete[^\n]*",
        r"Status: Succeeded[^\n]*|(?:Apply|Destroy) complete![^\n]*|Plan: \d+ to add,[^\n]*|No changes\. [^\n]*",
        r'deployment "[^"\n]+" successfully rolled out|STATUS: deployed[ \t]*|Release "[^"\n]+" has been upgraded[^\n]*',
        r"\S+ +: ok=\d+[^\n]*unreachable=0[^\n]*failed=0[^\n]*|[^\n]{1,120} has been deployed\b[^\n]*",
        r"total size is [^\n]*speedup is[^\n]*$(?!\n+rsync error)",
        r"[\d: -]{19} URL:\S+ \[\d+(?:/\d+)?\] -> [^\n]*|[\d: -]{19} \([^)\n]*\) - [^\n]* saved \[[^\n]*",  # wget
    ),
    "servers": (
        r"mysqld is alive[ \t]*|PONG[ \t]*|\(\d+ rows?\)[ \t]*|  Applying \S+\.\.\. OK[ \t]*| *No (?:pending )?migrations to apply\.| +\S+ \.{3,} [\d.,]+ ?m?s DONE[ \t]*",
        r"Connection to [^\n]* succeeded!?[^\n]*|(?:[Ss]uccessfully )?[Cc]onnected(?: (?:to|on|at|after) [^\n]*)?[.!]?[ \t]*$",
        r"[^\n]*(?:is available after| - accepting connections|is (?:up|ready|healthy)\b(?!-| to\b))[^\n]*",
    ),
    "git": (
        r"Everything up-to-date[ \t]*|Already up[ -]to[ -]date\.?[ \t]*| \* \[new (?:branch|tag)\][^\n]*",
        r" +[0-9a-f]{7,40}\.\.[0-9a-f]{7,40} +\S+ -> \S+[ \t]*$",
    ),
    "any program": (
        r"(?i:all (?:good|done|ok)|fertig|erledigt|hecho|listo|termin[ée]|klaar|fatto|finito|concluído|gotowe|hotovo|klart?|готово|完了|完成)[.!]*[ \t]*$",
        r"[^\n]{0,30}[Aa]ttempt #?\d+(?:/\d+)?:? (?:ok|OK|succeeded|passed)\b[^\n]*|(?:failed|failures|errors): 0[ \t]*$|(?:\[[\d:]+\]: )?fastlane\.tools (?:just saved|finished successfully)[^\n]*",
        r"[^\n]*(?:executed|finished|exit(?:ed|ing)|completed|Process)[^\n]* (?:exit code|code|status):? 0[ \t]*",
    ),
}
_ALARM = (
    r"\bFAILED\b(?! ?[:=] ?0)|BUILD FAIL|\bnpm (?:ERR!|error) |^Traceback \(most |Finished: FAILURE|\b(?:ERRORS|FAILURES)!|\b(?:Failures|Errors): [1-9]|\baborted!|\b(?:are|is|has) expired\b|unbound variable$|no basic auth cred|manifest unknown|Exceeded build time|Your Ruby version is|requires go >="
    r"|^Exception in thread \"main\" |^In \S+ line \d+:$|^\d+ files? inspected, [1-9]\d* offenses? detected(?![^\n]* corrected\b)|^dependency failed to start: | Container \S+ +Error$"
    r"|^\[\w*(?:Error|Exception)\]: |, aborting\.?$|bind: Address already in use|\bwas not found\.|\bnot valid\.|\bfailed\.?$|^Failed! |\b[Aa]n error occurred\b|^[^\w\n]{0,10}Failed to connect\b",
    r"^(?:[\w.$]*[.\w])?(?:Error|Exception|Warning\#)(?: \(0x[0-9A-Fa-f]+\))?(?::|$)(?! 0)|^Caused by:|^(?:fatal|FATAL|panic|PANIC):",
    r"^(?:\S+: |[|│] )?(?:error|ERROR|Error|ERR!|E {2,})[:!](?! (?:0|none|null|nil)\b)|^E: |^Your (?:lock file does not|requirements could not)|^\[ERROR\]|\[ERR\]|^(?:ERROR|FATAL|fatal) ",
    r"\berror(?: \w+\d+)?: |^error (?!rate\b)|\b[1-9]\d* (?:failed|failing|failures?|errors?)\b|\b(?:errors|failures)=[1-9]",
    r"\b(?:exit(?:ed)? (?:code|status|with(?: code)?)|status code|(?<!lines of )code)[ :=]*(?!0\b|200\b|20\d\b)[1-9]\d*\b",
    r"^== \[\S+\] FAIL$|^(?:vet: )?\S+\.go:\d+:\d+: |^\S+\.py:\d+:\d+: [EFC]\d+ |^ +\d+:\d+ +error +\S",  # compilers and linters: go, flake8, ESLint
    r"^(?:\(error\) )?(?:OOM|NOAUTH|WRONGPASS|NOPERM|WRONGTYPE|MISCONF|READONLY|LOADING|CLUSTERDOWN|EXECABORT) [A-Z]?[a-z]+ ",  # Redis
    r"returned a non-zero code|\bKilled\b|\bAborted\b|Segmentation fault|core dumped|\b[Tt]erminated\.?$",
    r": command not found|: not found$|Permission denied|No such file or directory|not recoverable|No space left on|Read-only file system|Input/output error|quota exceeded|\bError [1-9]\d*$",
    r"[Cc]onnection refused|\b[Cc]an(?:not|'t) |[Cc]ould(?:n't| not) |\bdenied\b|exceeded |✖|✘|✗|\b[Uu]nable to\b| - (?:no response|rejecting connections)$",
    r"\b[Ff]ailed to compile|\bFailing command\b|\[build failed\]|Exiting with failure|errors occurred!|Build failed\b|pub get failed|❌|\bExport encountered |version is incompatible with|\.{3}Failed$|^SimpleCov failed with exit|^Remaining self deprecation notices \([1-9]|\bcurl: \(\d|: error : |^[ \t]*---> |\[remote rejected\]|\[rejected\]|Oops|^✕|\bwould be reformatted\b",
)
_HARMLESS = (
    r", (?:using (?!password)\S+|falling back to \S+)$",
    r"^expected: |^\[?(?i:fallback|ignor(?:ed|ing)|skipp(?:ed|ing)|handled|caught|recovered)\]?: ",
    r"^Note \(Code \d+\): |^Note\t\d+\t",  # MySQL's own, of what IF EXISTS forgives
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
    r"^fatal: the remote end hung up unexpectedly\nEverything up-to-date",  # git says both of a push that failed
    r"^[^\n]{1,80}?\.{3,}(?:\([^)\n]*\))?Failed[ \t]*\n- hook id: ",  # pre-commit
    r"^Encountered errors while bringing up the project\.",  # Docker Compose 1
    r"^-- Configuring incomplete, errors occurred!|^not ok \d+(?![^\n]*# (?:TODO|todo|SKIP|skip))",
    r"^FAIL Required test coverage of|^Coverage failure: total|^Rule violated for ",
    r"^Jest: (?:[^\n]*coverage threshold |Coverage for )|^Test Suites: [^\n]*\b[1-9]\d* failed|^ERROR: Coverage for ",
    r"^ +[1-9]\d* failed\n(?:[^\n]*\n){0,60}? +\d+ passed \([\d.]+m?s?\)[ \t]*$",  # Playwright
    r"^Failed! +- Failed: +[1-9]|^\S+ +: ok=\d+[^\n]*(?:unreachable|failed)=[1-9]",  # .NET, Ansible
)
_BELONGS = (
    r"[\s}\]){\[(|>^~*<=#@'\"`,:+.-]|[\u2010-\u2bff\U0001f000-\U0001faff]|\d+ *[|:]|\d+ +[A-Z]+\d+ |\d+$|at |in |Node\.js v|FAIL\b",
    r"(?i:see|please|try|run|hint|use|for|consider|check|did|if|you|to|make sure|and|or|note|help|tip|learn|more|stack"
    r"|backtrace|details?|context|statement|query|location|reason|usage|alternatively|options|commands|npm|yarn|visit|info|this|these|that|it|the|there|was|were|is|are"
    r"|install|instead|update|set|add|ensure|specify|provide|requested|required|expected|actual|available|supported|current|https?)\b",
    r"(?:[A-Z]\w*(?: [A-Za-z]+){0,3}):\s*$|\d[\d.]* \[|(?:[A-Z]\w* )?(?:ID|Id|Timestamp|Time|Date|Code|Status|Version|URL|Path|Operation|Who|Created|Host|Request\w*): |[A-Z][\w ]{1,15} +: |\S+:\d+:in |E {3}|\S+\.py:\d+:\d+: [A-Z]+\d+ |\S+:\d+: [A-Z]\w*(?:Error|Exception|Warning|Failed)$|LINE \d+: |Process \d+ waits |Got: |Your \w+ version is |Exiting|BusyBox v|Snapshots: |Ran all test suites|Force exiting Jest|Preserving test database|Found \d+ test|System check identified|Reading state info|\d+\+\d+ records ",
)


def _beginnings(expressions: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(f"^(?:{'|'.join(expressions)})".encode(), re.MULTILINE)


def _anywhere(expressions: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile("|".join(expressions).encode(), re.MULTILINE)


SUCCESS = _beginnings(tuple(one for family in _SUCCESS.values() for one in family))
"""A line that tells that a tool is done and all is well."""

ALARM = _anywhere(_ALARM)
"""Words that sound like a failure; a green log may hold them."""

DECISIVE = _anywhere(_DECISIVE)
"""What ends with a code above zero although words of success follow or surround it."""

HARMLESS = _anywhere(_HARMLESS)
"""Chatter that sounds bad and stops nothing."""

CALM = re.compile(
    rb"(?![ \t]{3})[\d:.,T/Z +\[\]-]*\[?['\"]?(?:info|INFO|notice|NOTICE|debug|DEBUG|SUCCESS|success|trace|TRACE)['\"]?\]?(?=[\s:|\]])[^\n]*"
)
"""A line of a logger at a level that means no harm."""

WARNING = re.compile(
    rb"^(?!(?:fatal|FATAL|ERROR|Error|error)\b)[^\n]*\b(?:[Ww]arn(?:ing)?|WARN(?:ING)?)\b", re.MULTILINE
)
"""A line with one of these is no alarm, but where it begins as an error."""

BELONGS = re.compile("|".join(_BELONGS))
"""The beginning of a line that goes on with what was said before it: indented, a frame, a hint, advice."""

LEAVES = re.compile(rb"(?i:shut|stop|clos|exit|abort|terminat|kill|fail|finish|end)")
"""What a logger says at a calm level when its program ends: no sign that it went on."""

IGNORED = re.compile(
    rb"^(?:fatal|failed): \[[^\n]*\n(?:[^\n]*\n){0,2}?\.\.\.ignoring$"
    rb"|^WARNING in [^\n]*\n[^\n]*$"
    rb"|^> [^\n]*\becho [^\n;|]*&& exit 0$\n\n?[^\n]*$"
    rb"|^[^\n]*\nmake(?:\[\d+\])?: \[[^\n]*\] Error \d+ \(ignored\)$",
    re.MULTILINE,
)
"""A failure that Ansible or make was told to ignore, whole, what webpack only warns of, and what an npm script says before it ends with 0."""
