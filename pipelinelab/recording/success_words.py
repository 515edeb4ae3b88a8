# ruff: noqa: E501 - the tables of expressions read best one a line
"""The lines with which tools tell that they are done and all is well, by the kind of tool. Pure."""

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
        r"\[  PASSED  \] \d+ tests?\.[ \t]*$(?!\n\[  FAILED  \])|\d+ success(?:es)? / 0 failures / 0 errors[^\n]*",  # GoogleTest, busted
        r"\d+ scenarios? \(\d+ passed\)(?=\n\d+ steps? \(\d+ passed\))[^\n]*|# FAIL: +0(?=\n# XPASS: +0\n# ERROR: +0)[^\n]*",  # Cucumber, Automake
        r"\[ FAIL 0 \|[^\n]*|# ok[ \t]*$|  All \d+ tests passed\.[ \t]*$|Fail: +0(?=\n(?:Unexpected Pass|Skipped)[^\n]*)",  # testthat, tape, EUnit, Meson
    ),
    "builds": (
        r"(?:\[INFO\] )?BUILD SUCCESS(?:FUL)?\b[^\n]*|Build succeeded\.?[ \t]*|\[success\] Total time[^\n]*",  # Maven, Gradle, .NET, sbt
        r"(?: *[wW]ebpack[^\n]*)?[Cc]ompiled (?:successfully|with \d+ warnings?(?! and))[^\n]*|created \S+ in [\d.]+m?s[ \t]*$|INFO +-  ?Documentation built in [^\n]*|(?:✓|✔) built in[^\n]*|Build at: \S+ - Hash:[^\n]*",
        r"(?:✨ +)?Done(?: in [\d.]+m?s|!|\.(?! Your build exited with [1-9]))[^\n]*|INFO: Build completed successfully[^\n]*|✔ Success!?[^\n]*",
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
        r"mysqld is alive[ \t]*|\+?PONG[ \t]*|\(\d+ rows?\)[ \t]*|  Applying \S+\.\.\. OK[ \t]*| *No (?:pending )?migrations to apply\.| +\S+ \.{3,} [\d.,]+ ?m?s DONE[ \t]*",
        r"Connection to [^\n]* succeeded!?[^\n]*|(?:\[\w+\] )?(?:[Ss]uccessfully )?[Cc]onnected(?: (?:to|on|at|after) [^\n]*)?[.!]?[ \t]*$",
        r"[^\n]*(?:is available after| - accepting connections|is (?:up|ready|healthy)\b(?!-|:$| to\b))[^\n]*",
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

SUCCESS = re.compile(f"^(?:{'|'.join(one for family in _SUCCESS.values() for one in family)})".encode(), re.MULTILINE)
"""A line that tells that a tool is done and all is well, from its beginning on."""
