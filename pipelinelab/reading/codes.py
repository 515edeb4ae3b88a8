"""Every problem code with its severity and title, declared once. Their stories are in ``codes.yml``, told by
``pipelinelab explain``; a test holds the two together."""

from __future__ import annotations

from dataclasses import dataclass

from pipelinelab.reading.problems import ERROR, HINT, WARNING


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem. ``severity`` is its usual one; a single problem may weigh less."""

    code: str
    severity: str
    title: str


CODES = {
    code: Code(code, severity, title)
    for code, severity, title in (
        # the text
        ("PL001", ERROR, "The file is not UTF-8 text"),
        ("PL002", ERROR, "A control character"),
        ("PL003", ERROR, "The file is too big or too deep"),
        ("PL004", ERROR, "Aliases that unfold without end"),
        ("PL005", ERROR, "The file is empty"),
        ("PL006", ERROR, "A merge conflict was left in the file"),
        ("PL007", ERROR, "A template placeholder was left in the file"),
        ("PL008", ERROR, "More than one YAML document"),
        ("PL010", ERROR, "This is not YAML"),
        ("PL011", ERROR, "A tab indents a line"),
        ("PL012", ERROR, "The indentation does not line up"),
        ("PL013", ERROR, "An alias of something that has no anchor"),
        ("PL014", WARNING, "Two anchors with one name"),
        ("PL015", WARNING, "The same keyword twice"),
        ("PL016", ERROR, "A merge key that cannot merge"),
        ("PL017", WARNING, "An invisible or typographic character"),
        ("PL018", HINT, "A byte order mark"),
        ("PL019", ERROR, "A quote that is never closed"),
        # the format
        ("PL101", ERROR, "The wrong kind of value"),
        ("PL102", ERROR, "An empty section"),
        ("PL103", WARNING, "An unknown keyword"),
        ("PL104", ERROR, "A keyword is missing"),
        ("PL105", WARNING, "A keyword in the wrong place"),
        ("PL106", ERROR, "A value that is not one of those allowed"),
        ("PL107", ERROR, "Too much or too little"),
        ("PL108", ERROR, "YAML reads this text as true or false"),
        ("PL109", ERROR, "YAML reads this text as a number or a time"),
        ("PL110", ERROR, "A command that YAML reads as a map"),
        ("PL111", ERROR, "An empty command"),
        ("PL112", ERROR, "A list inside a list"),
        ("PL113", ERROR, "A script that is not a list"),
        ("PL114", ERROR, "A step's keywords beside `step:`"),
        ("PL115", ERROR, "Steps where patterns are wanted"),
        ("PL116", ERROR, "Patterns where steps are wanted"),
        ("PL117", ERROR, "A branch name beside `branches:`"),
        ("PL118", ERROR, "Nothing to run: no pipelines"),
        ("PL119", ERROR, "Artifacts with both paths and upload"),
        ("PL120", ERROR, "A name that no shell variable can have"),
        ("PL121", ERROR, "An import that names nothing"),
        ("PL122", ERROR, "An image's credentials do not fit together"),
        ("PL123", ERROR, "A final step that cannot be one"),
        ("PL124", ERROR, "A step inside a step"),
        # the meaning
        ("PL201", ERROR, "A service that is defined nowhere"),
        ("PL202", WARNING, "A cache that is defined nowhere"),
        ("PL203", HINT, "A service that no step uses"),
        ("PL204", HINT, "A cache that no step uses"),
        ("PL205", ERROR, "A deployment environment used twice"),
        ("PL206", ERROR, "The first step waits to be started by hand"),
        ("PL207", ERROR, "The memory does not add up"),
        ("PL208", ERROR, "More services than a step may have"),
        ("PL209", ERROR, "More steps than a pipeline may have"),
        ("PL210", WARNING, "A pattern that cannot match"),
        ("PL211", WARNING, "An artifact outside the clone"),
        ("PL212", WARNING, "A variable that the service's image does not know"),
        ("PL213", WARNING, "A variable that the service's image needs"),
        ("PL214", WARNING, "Docker commands without the docker service"),
        ("PL215", WARNING, "Custom variables that do not come first"),
        ("PL216", WARNING, "A pipe without a version"),
        ("PL217", WARNING, "A condition that says nothing"),
        ("PL218", WARNING, "Two services on one port"),
        ("PL219", WARNING, "A custom pipeline that is not there"),
        ("PL220", WARNING, "Two commands that YAML joins into one"),
        ("PL221", WARNING, "A `!` that YAML takes away"),
        ("PL222", WARNING, "A backslash that does not end the line"),
        # the shell
        ("PL301", HINT, "`&&` hides a failure"),
        ("PL302", HINT, "A pipe hides a failure"),
        ("PL303", HINT, "`$?` is always 0 here"),
        ("PL304", HINT, "A command that will ask a question"),
        ("PL305", HINT, "ssh meets an unknown host"),
        ("PL306", HINT, "ShellCheck has something to say"),
    )
}
