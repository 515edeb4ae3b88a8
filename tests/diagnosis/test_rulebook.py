from dataclasses import asdict, replace

from team_rule import TEAM_RULE

from pipelinelab.diagnosis import brought_about, questions
from pipelinelab.diagnosis.categories import CATEGORIES
from pipelinelab.diagnosis.cures.kinds import KINDS
from pipelinelab.diagnosis.pages import rule_page
from pipelinelab.diagnosis.rule import Examples
from pipelinelab.diagnosis.rulebook import read_rules, rule_files, rulebook, shipped


def test_without_their_examples_the_rules_are_the_same() -> None:
    for whole, bare in zip(shipped(), shipped(examples=False), strict=True):
        assert asdict(replace(whole, examples=Examples())) == asdict(bare), whole.id


def test_every_shipped_file_follows_the_schema() -> None:
    rules, problems = read_rules(rule_files())
    assert not problems
    assert len(rules) == len(shipped()) >= 60


def test_ids_are_unique_and_what_rules_name_is_there() -> None:
    rules = shipped()
    ids = [rule.id for rule in rules]
    assert len(ids) == len(set(ids))
    assert set(ids) >= brought_about.ABSENCES | brought_about.SILENCES
    for rule in rules:
        assert set(rule.explains) <= set(ids), rule.id
        assert {wanted for _, wanted in rule.examples.confusable if wanted} <= set(ids), rule.id
        assert {cure["kind"] for cure in rule.cures} <= set(KINDS), rule.id
        for asked in rule.questions:
            wanted, keys = questions.VOCABULARY[asked.ask]
            assert set(asked.arguments) == set(wanted), rule.id
            assert set(asked.supports) | set(asked.refutes) <= set(keys), rule.id
        for other in rule.alternatives:
            assert set(other.ruled_out_by) <= set(questions.VOCABULARY[other.ask][1] if other.ask else ()), rule.id


def test_every_category_is_described_and_in_use() -> None:
    assert {rule.category for rule in shipped(examples=False)} == set(CATEGORIES)


def test_rules_explain_each_other_in_no_circle() -> None:
    consequences = {rule.id: set(rule.explains) for rule in shipped()}
    for start in consequences:
        seen: set[str] = set()
        todo = list(consequences[start])
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                todo += consequences[one]
        assert start not in seen, start


def test_a_team_rule_is_added_and_replaces_a_shipped_one_of_its_name() -> None:
    own, problems = read_rules([("own.yml", TEAM_RULE.replace("team-vpn", "crlf"))])
    assert not problems
    assert next(rule for rule in rulebook(own) if rule.id == "crlf").title == "The office VPN is down"
    assert len(rulebook(own)) == len(shipped())


def test_a_wrong_rule_is_told_with_its_line_and_its_neighbours_go_on() -> None:
    two = TEAM_RULE + TEAM_RULE.split("rules:\n")[1].replace("team-vpn", "Team VPN")
    rules, problems = read_rules([("own.yml", two)])
    assert [rule.id for rule in rules] == ["team-vpn"]
    assert [(p.path, p.line) for p in problems] == [("own.yml", 12)]


def test_a_file_that_is_no_yaml_is_told_with_its_line_and_the_others_go_on() -> None:
    rules, problems = read_rules([("bad.yml", "family: x\nrules: [\n"), ("own.yml", TEAM_RULE)])
    assert [rule.id for rule in rules] == ["team-vpn"]
    assert problems[0].path == "bad.yml" and problems[0].line >= 2


def test_an_expression_that_is_none_and_one_without_plain_text_are_refused() -> None:
    for pattern in ("'vpn\\.acme('", "'.*'", "'[a-z]+ ?x'"):
        rules, problems = read_rules([("own.yml", TEAM_RULE.replace("'vpn\\.acme\\.example: no answer'", pattern))])
        assert (not rules and problems[0].line == 3) or problems[0].line == 5, (pattern, problems)


def test_a_page_tells_cause_cure_and_example() -> None:
    page = rule_page("mysql-socket")
    assert page is not None
    assert "Why it happens" in page and "127.0.0.1" in page and "{" not in page.split("It looks like")[0]
    assert rule_page("no-such-rule") is None
