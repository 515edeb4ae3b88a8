# ruff: noqa: E501 - logs are lines of their own length
import html.parser
import json
import re
from dataclasses import replace

from pipelinelab.diagnosis import Explanation, ProjectFiles, diagnose, shipped
from pipelinelab.diagnosis.explain import as_html, as_text, headline
from pipelinelab.diagnosis.export import as_json, as_sarif, errors_rows, findings_rows
from pipelinelab.diagnosis.slots import tell
from pipelinelab.diagnosis.values import Diagnosis, Evidence
from pipelinelab.events.columns import ERRORS, FINDINGS
from pipelinelab.recording.bitbucket_log import parse_log

LOG = b"+ python manage.py test\ndjango.db.utils.OperationalError: (2002, \"Can't connect to local server through socket '/run/<b>.sock' (2)\")\n"
FILES = ProjectFiles({"a/settings.py": "DATABASES = {'default': {'NAME': 'a', 'HOST': ''}}\n"})
FOUND = diagnose(parse_log(LOG), files=FILES)
NOT_FOUND = diagnose(parse_log(b"+ make check\nsrc/a.c:1:2: error: no such thing\nmake: *** [all] Error 2\n"))


def test_a_finding_is_told_from_what_happened_to_where_to_read_on() -> None:
    text = as_text(FOUND, "build.log")
    parts = ["build.log: red", FOUND.findings[0].title, "log line 2", "  why", "  cure", "+++ b/a/settings.py", "  proof",
             "what else it could have been", "read on"]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "unproven" in text and "(safe: " in text


def test_where_no_rule_fits_it_says_so_and_shows_the_evidence() -> None:
    text = as_text(NOT_FOUND)
    assert "No rule of the rulebook fits" in text
    assert "make check" in text and "src/a.c:1:2" in text and "its last words" in text
    assert not NOT_FOUND.told


def test_a_green_log_needs_no_explanation() -> None:
    green = diagnose(parse_log(b"+ pytest\n=== 3 passed in 0.1s ===\n"))
    assert headline(green) == "Green: there is nothing to explain." and green.told and green.unexplained is None


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_balanced_escaped_and_free_of_scripts_and_ids() -> None:
    for diagnosis in (FOUND, NOT_FOUND):
        told = as_html(diagnosis)
        tags = Tags()
        tags.feed(told)
        assert not tags.open and set(tags.attributes) <= {"open"}
        assert "<script" not in told and "<b>.sock" not in told
    assert "<details open>" in Explanation(FOUND)._repr_html_()


def test_json_is_plain_and_complete() -> None:
    told = json.loads(json.dumps(as_json(FOUND, "x.log")))
    finding = told["findings"][0]
    assert (told["verdict"], finding["rule"], finding["evidence"][0]["line"]) == ("red", "mysql-socket", 2)
    assert finding["cures"][0]["files"] == ["a/settings.py"]
    assert json.loads(json.dumps(as_json(NOT_FOUND)))["unexplained"]["errors"]


def test_sarif_has_the_rule_and_the_line() -> None:
    sarif = as_sarif(FOUND, "x.log", shipped(), "1.0")
    (run,) = sarif["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("x.log", 2)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [r["ruleId"] for r in run["results"]]


def test_sarif_points_into_the_pipelines_file_and_describes_its_codes() -> None:
    said = Evidence("yaml", "bitbucket-pipelines.yml:31:37", "x: yes", 31)
    found = Diagnosis("red", (replace(FOUND.findings[0], rule="PL108", evidence=(said,)),))
    (run,) = as_sarif(found, "my log#1.txt", shipped(), "1.0")["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "bitbucket-pipelines.yml"
    assert place["region"] == {"startLine": 31, "startColumn": 37}
    assert run["tool"]["driver"]["rules"][0]["id"] == "PL108" and run["tool"]["driver"]["rules"][0]["fullDescription"]
    (run,) = as_sarif(FOUND, "my log#1.txt", shipped(), "1.0")["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20log%231.txt"


def test_rows_have_the_columns_of_their_frames() -> None:
    assert all(list(row) == list(FINDINGS) for row in findings_rows(FOUND, "r"))
    assert NOT_FOUND.unexplained is not None
    assert all(list(row) == list(ERRORS) for row in errors_rows(NOT_FOUND.unexplained.errors, "r"))


def test_no_text_for_people_has_an_open_slot() -> None:
    for rule in shipped():
        for log in rule.examples.positive:
            for finding in diagnose(parse_log(log.encode())).findings[:1]:
                assert not re.search(r"(?<!\$)\{\w+\|?[^}]*\}(?!\})", finding.title + finding.cause), rule.id


def test_a_sentence_that_fills_a_slot_at_the_end_of_one_makes_no_two_stops() -> None:
    assert tell("It says: {what}.", {"what": "No such task."}) == "It says: No such task."
    assert tell("Look in {folder}.", {"folder": "../logs"}) == "Look in ../logs."
