import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.diagnosis.errors import errors_in
from pipelinelab.recording.bitbucket_log import parse_log


def row(text: str) -> tuple[str, str, str, str]:
    found = errors_in(parse_log(text.encode()))
    assert found, text
    return found[-1].kind, found[-1].exception, found[-1].code, found[-1].location


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'Traceback (most recent call last):\n  File "/app/a.py", line 7, in f\n    g()\n'
            'django.db.utils.OperationalError: (2002, "Can\'t connect")\n',
            ("python", "django.db.utils.OperationalError", "2002", "/app/a.py:7"),
        ),
        ("  File \"a.py\", line 3, in <module>\nKeyError: 'X'\n", ("python", "KeyError", "", "a.py:3")),
        ("ERROR 1045 (28000): Access denied for user\n", ("mysql", "28000", "1045", "")),
        ("[ERROR] /a/B.java:[3,24] cannot find symbol\n", ("maven", "", "", "/a/B.java:3:24")),
        ("src/B.java:5: error: ';' expected\n", ("javac", "", "", "src/B.java:5")),
        ("src/main.c:5:3: error: 'x' undeclared\n", ("gcc", "", "", "src/main.c:5:3")),
        ("src/a.ts(3,5): error TS2322: Type 'x'\n", ("typescript", "", "TS2322", "src/a.ts:3:5")),
        ("error[E0308]: mismatched types\n --> src/main.rs:4:5\n", ("rust", "", "E0308", "src/main.rs:4:5")),
        ("./main.go:10:2: undefined: x\n", ("go", "", "", "./main.go:10:2")),
        (
            "Error: Cannot find module 'x'\n    at Object.<anonymous> (/app/a.js:3:1)\n  code: 'MODULE_NOT_FOUND'\n",
            ("node", "Error", "MODULE_NOT_FOUND", "/app/a.js:3"),
        ),
        (
            'Exception in thread "main" java.lang.IllegalStateException: no\n\tat a.B.main(B.java:9)\n',
            ("java", "java.lang.IllegalStateException", "", "B.java:9"),
        ),
        ("FAIL: test_a (shop.tests.T)\n", ("django-test", "FAIL", "", "")),
        ("FAILED tests/test_a.py::test_b - assert 1\n", ("pytest", "FAILED", "", "tests/test_a.py")),
        ("build.sh: line 4: x: unbound variable\n", ("shell", "", "", "build.sh:4")),
        ("Makefile:2: *** missing separator.  Stop.\n", ("make", "", "", "Makefile:2")),
        ("a.rb:3:in `f': undefined method (NoMethodError)\n", ("ruby", "NoMethodError", "", "a.rb:3")),
        ("a/B.cs(3,5): error CS1002: ; expected\n", ("csharp", "", "CS1002", "a/B.cs:3:5")),
    ],
)
def test_what_tools_print_becomes_a_row(text: str, expected: tuple[str, str, str, str]) -> None:
    assert row(text) == expected


def test_lines_count_in_the_whole_log_and_commands_in_the_step() -> None:
    found = errors_in(parse_log(b"+ echo\n\n+ make\nmake: *** [all] Error 2\n"))
    assert [(e.line, e.command) for e in found] == [(4, 1)]


@given(st.binary(max_size=600))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    errors_in(parse_log(data))
