"""Each chart says in its sentence what its figure shows, and is a picture of a decent size."""

import io
import re
import subprocess
import sys
import warnings

import pandas as pd
import pytest
from PIL import Image

from pipelinelab import charts
from pipelinelab.charts import theme
from pipelinelab.errors import UsageError
from pipelinelab.events import columns
from pipelinelab.flaky.campaign import rows
from pipelinelab.flaky.ranking import rank
from pipelinelab.recording.frames import frame
from pipelinelab.reports import TestCase

START = pd.Timestamp("2026-01-01T00:00:00Z")


def made(name: str, listed: list[dict]) -> pd.DataFrame:
    return frame(name, listed)


def steps(*results: str, **more) -> pd.DataFrame:
    listed = [
        {"run_id": "r", "step": at, "name": f"Step {at}", "result": result, **more} for at, result in enumerate(results)
    ]
    return made("steps", listed)


def command(
    step: int, text: str, result: str, start: float | None, took: float | None, code: int | None, **more
) -> dict:
    return {"run_id": "r", "step": step, "phase": "script", "index": 0, "command": text, "result": result,
            "started_at": None if start is None else START + pd.Timedelta(seconds=start), "seconds": took,
            "exit_code": code, "hidden_failure": False, **more}  # fmt: skip


COMMANDS = [
    command(0, "pip install", "passed", 0, 20, 0), command(1, "migrate $DB$", "passed", 20, 10, 0),
    command(1, "python manage.py test\n-v 2", "failed", 30, 70, 1),
    command(1, "日本語 | tee", "not_run", None, None, None),
]  # fmt: skip


def history(runs: int = 40) -> pd.DataFrame:
    listed = []
    for number in range(runs):
        order = ["a", "b", "c", "d"] if number % 2 else ["b", "a", "d", "c"]
        bad = {"a": number % 2 == 0, "c": number >= 30, "d": False, "b": False}
        took = {"d": 0.1 + number / 40}
        cases = [TestCase("s", name, "failed" if bad[name] else "passed", took.get(name, 0.1), at, "m")
                 for at, name in enumerate(order)]  # fmt: skip
        listed += rows(f"run{number}", cases, commit=f"c{number:02d}" if runs > 40 else "c", environment="e")
    return made("tests", listed)


def picture(chart: charts.Chart) -> Image.Image:
    return Image.open(io.BytesIO(chart.bytes("png")))


def test_a_timeline_names_the_failing_command_and_what_did_not_run():
    said = repr(charts.timeline(steps("passed", "failed"), made("commands", COMMANDS)))
    assert said == (
        "2 steps, 4 commands, 100 s; “Step 1”: command 2 of 3, `python manage.py test -v 2`, failed after 70 s "
        "(exit 1), and 1 command after it did not run; the longest, `python manage.py test -v 2`, took 70 s (70 %)."
    )


def test_a_timeline_that_is_not_exact_says_nothing_of_time():
    slower = [dict(one, seconds=one["seconds"] and one["seconds"] * 1.7) for one in COMMANDS]
    one = charts.timeline(steps("passed", "failed"), made("commands", COMMANDS), exact=False)
    other = charts.timeline(steps("passed", "failed"), made("commands", slower), exact=False)
    assert repr(one) == repr(other) and not re.search(r"\d s\b|%", repr(one))


def test_a_timeline_without_times_shows_the_order():
    untimed = [dict(one, started_at=None, seconds=None) for one in COMMANDS]
    said = repr(charts.timeline(steps("passed", "failed"), made("commands", untimed)))
    assert "command 2 of 3" in said and not re.search(r"\d s\b", said)


def test_a_timeline_frames_what_ran_at_once_and_what_a_stage_holds():
    from pipelinelab.charts.spans import spans

    assert list(spans([None, "a", "a", None, "a", "b"])) == [("a", 1, 2), ("a", 4, 4), ("b", 5, 5)]
    frame = made("steps", [
        {"run_id": "r", "step": n, "name": f"step {n}", "result": "passed", "group": group, "stage": stage}
        for n, group, stage in ((1, None, None), (2, 1, "Test"), (3, 1, "Test"), (4, None, "Test"))
    ])  # fmt: skip
    rows = [dict(COMMANDS[0], step=n) for n in (1, 2, 3, 4)]
    texts = [text.get_text() for text in charts.timeline(frame, made("commands", rows)).figure.axes[0].texts]
    assert "2 steps at once" in texts
    assert "Test" in texts


def test_a_command_that_did_not_run_stands_where_its_own_step_ended():
    frame = made("steps", [
        {"run_id": "r", "step": 1, "name": "long", "result": "passed", "group": 1},
        {"run_id": "r", "step": 2, "name": "red", "result": "failed", "group": 1},
    ])  # fmt: skip
    long = dict(COMMANDS[0], step=1, seconds=100.0)
    red = dict(COMMANDS[0], step=2, result="failed", seconds=1.0, exit_code=1)
    never = dict(COMMANDS[0], step=2, result="not_run", seconds=None, started_at=None, exit_code=None)
    axes = charts.timeline(frame, made("commands", [long, red, never])).figure.axes[0]
    (place,) = [text.get_position()[0] for text in axes.texts if "not run" in text.get_text()]
    assert place < 10


def test_a_timeline_of_hundreds_of_commands_keeps_the_failing_one_and_its_size():
    many = [command(0, f"echo {n}", "passed", n, 1, 0) for n in range(300)] + [command(0, "false", "failed", 300, 1, 1)]
    chart = charts.timeline(steps("failed"), made("commands", many))
    assert "command 301 of 301, `false`" in repr(chart)
    assert picture(chart).height < 2000


def test_before_and_after_tells_red_from_green():
    after = [dict(one, run_id="z", result="passed", exit_code=0, seconds=5.0) for one in COMMANDS]
    said = repr(charts.before_after(made("commands", COMMANDS + after), exact=False))
    assert said.startswith("`python manage.py test -v 2` went from red to green; 1 command that had not run passed")
    assert said.endswith("nothing is red after.")


def test_before_and_after_needs_two_runs():
    with pytest.raises(UsageError, match="two runs"):
        charts.before_after(made("commands", COMMANDS))


def test_characters_that_latin_1_cannot_hold_are_named():
    said = repr(charts.characters("Łukasz 日"))
    assert said == ("latin-1 cannot hold 2 of the 8 characters: “Ł” (U+0141 LATIN CAPITAL LETTER L WITH STROKE) and "
                    "“日” (U+65E5 CJK UNIFIED IDEOGRAPH-65E5).")  # fmt: skip
    assert repr(charts.characters("naïve")) == "latin-1 can hold all of the 5 characters."
    assert "cannot hold 1 of the 2" in repr(charts.characters("é😀", "utf8mb3"))
    with pytest.raises(UsageError, match="no encoding"):
        charts.characters("a", "klingon")


def test_collations_say_what_changed():
    before = {"server": "latin1_swedish_ci", "book": "utf8_general_ci"}
    said = repr(charts.collations(before, before | {"server": "utf8mb4_unicode_ci"}))
    assert said == "1 of 2 collations changed: server went from latin1_swedish_ci to utf8mb4_unicode_ci."
    assert "2 collations side by side" in repr(charts.collations(before))


def test_row_counts_say_where_rows_were_lost():
    looks = pd.DataFrame({"command": ["migrate", "migrate", "test", "test"], "table": ["perm", "type"] * 2,
                          "rows": [24, 6, 0, 6]})  # fmt: skip
    assert repr(charts.row_counts(looks)) == "2 tables over 2 commands; rows were lost: perm 24 → 0 at `test`."


def test_where_it_listens_tells_the_two_file_systems_apart():
    said = repr(
        charts.where_it_listens(wanted="/run/m.sock", there=False, socket="/run/m.sock", port=3306, reached=True)
    )
    assert said == ("/run/m.sock is not in the build container; the mysql server made /run/m.sock in its "
                    "own container, whose files the build cannot see; 127.0.0.1:3306, which both share, "
                    "answers.")  # fmt: skip


def test_the_heatmap_counts_tests_and_runs():
    said = repr(charts.heatmap(history()))
    assert said.startswith("2 of 4 tests failed in at least one of 40 runs; most often a in 20 and c in 10")


def test_the_ranking_chart_holds_the_intervals():
    said = repr(charts.ranked(rank(history())))
    assert "4 tests: 1 regression, 1 order-dependent and 2 healthy" in said
    assert "a failed 20 of 40 (35 to 65 %)" in said


def test_onsets_position_and_company_hold_their_values():
    tests = history()
    assert "c passed 30 times, then failed 10 times" in repr(charts.onsets(tests, rank(tests)))
    assert repr(charts.by_position(tests, "s::a")) == (
        "a failed in 20 runs (median place 1, from 1 to 1) and passed in 20 runs (median place 0, from 0 to 0)."
    )
    assert repr(charts.ran_after(tests, "a")) == "a: b ran before: failed 20 of 20, else 0 of 20."
    with pytest.raises(UsageError, match="no test of this history"):
        charts.by_position(tests, "nowhere")


def test_durations_name_the_test_that_became_slower():
    said = repr(charts.durations(history()))
    assert re.match(r"Over 40 runs: d became 3\.\d × slower", said)
    assert not re.search(r"\d s\b", repr(charts.durations(history(), exact=False)))


def every() -> list[charts.Chart]:
    tests = history()
    ranking = rank(tests)
    return [
        charts.timeline(steps("passed", "failed"), made("commands", COMMANDS)), charts.characters("Łó日\x00\t $x$"),
        charts.collations({"a": "latin1"}), charts.heatmap(tests), charts.ranked(ranking),
        charts.onsets(tests, ranking),
        charts.by_position(tests, "a"), charts.ran_after(tests, "a"), charts.durations(tests),
        charts.row_counts(pd.DataFrame({"command": ["a"], "table": ["t"], "rows": [1]})),
        charts.where_it_listens(wanted="/x", there=None),
    ]  # fmt: skip


def test_every_chart_is_an_opaque_picture_that_fits_a_notebook_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in every():
            drawn = picture(chart)
            assert 1200 <= drawn.width <= 1400 and 100 <= drawn.height <= 2000
            assert drawn.convert("RGBA").getpixel((2, 2)) == (0xF8, 0xF8, 0xF5, 255)
            assert chart.sentence.endswith(".") and "nan" not in chart.sentence


def test_empty_frames_give_charts_too():
    empty = {name: made(name, []) for name in ("steps", "commands", "tests")}
    for chart in (charts.timeline(empty["steps"], empty["commands"]), charts.heatmap(empty["tests"]),
                  charts.ranked(rank(empty["tests"])), charts.durations(empty["tests"]),
                  charts.onsets(empty["tests"], rank(empty["tests"]))):  # fmt: skip
        assert picture(chart).width > 1000 and repr(chart)


def test_the_picture_is_the_same_each_time_and_in_whatever_style_the_reader_works(tmp_path):
    import matplotlib as mpl

    first = charts.ranked(rank(history()))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 20}):
        second = charts.ranked(rank(history()))
        assert first.bytes("png") == second.bytes("png")
        assert first.bytes("svg") == second.bytes("svg")
    second.save(tmp_path / "x.svg")
    assert b"<dc:date>" not in (tmp_path / "x.svg").read_bytes()
    with pytest.raises(UsageError, match="saved as"):
        first.save(tmp_path / "x.exe")


def test_the_html_has_the_sentence_as_alternative_text_and_caption():
    shown = charts.Chart(charts.characters("a").figure, 'say "1 < 2" & go.')._repr_html_()
    assert shown.count("say &quot;1 &lt; 2&quot; &amp; go.") == 2
    assert re.search(r'<img alt="[^"]+" width="864" [^>]*src="data:image/png;base64,[A-Za-z0-9+/=]+">', shown)


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_ink_is_legible_on_paper_and_every_outcome_has_a_glyph_of_its_own_kind():
    assert contrast(theme.INK, theme.PAPER) > 7 and contrast(theme.SOFT_INK, theme.PAPER) > 4.5
    for shown in (["passed", "failed", "error", "skipped", "not_run", "timed_out", "killed"],
                  ["healthy", "broken", "regression", "order-dependent", "non-idempotent"]):  # fmt: skip
        assert len({theme.glyph(one) for one in shown}) == len(shown)


def test_no_chart_touches_pyplot():
    code = ("import sys; from pipelinelab import charts; charts.characters('a').bytes();"
            "sys.exit('matplotlib.pyplot' in sys.modules)")  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_charts_are_columns_of_the_declared_frames():
    assert {"run_id", "suite", "test", "outcome", "position", "order_hash", "seed"} <= set(columns.TESTS)


def test_passed_failed_and_killed_cells_are_told_apart_in_grey_print():
    from PIL import ImageColor

    grey = {one: ImageColor.getcolor(theme.cell(one), "L") for one in ("passed", "failed", "killed", "xfailed")}
    assert min(grey["passed"], grey["xfailed"]) - grey["failed"] > 60 and grey["failed"] - grey["killed"] > 60


def test_durations_that_do_not_drift_are_said_not_to():
    steady = history().assign(seconds=0.1)
    assert repr(charts.durations(steady)) == "Over 40 runs the duration of no test changed by 5 % or more."
