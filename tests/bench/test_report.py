"""Figures from given samples."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import document, figure
from benchmarks.goals import GOALS
from benchmarks.peers.start import FLASK, NODE
from livequiz.bench.own_server import NAME
from livequiz.bench.report import cells, print_table, ratio, to_json
from livequiz.bench.report import figure as figure_of
from livequiz.bench.run import Results
from livequiz.bench.samples import BURST, CLIENT, TRIGGER, Samples, percentile


@pytest.fixture
def results() -> Results:
    """Three runs of three servers, with one outlier each."""
    taken = Samples()
    for name, trigger, rate in ((NAME, 50, 16_000), (FLASK, 750, 280), (NODE, 800, 270)):
        for size in (100, 1_000):
            for factor in (1.0, 1.1, 9.0):
                taken.add(name, size, TRIGGER, trigger * factor * size / 1_000)
                taken.add(name, size, BURST, rate * factor)
    return Results(taken, [NAME, FLASK, NODE], {"Python": "3.11.7"})


@pytest.mark.parametrize(
    ("share", "expected"), [(1, 1), (50, 50), (95, 95), (99, 99), (99.5, 100), (100, 100)]
)
def test_percentiles_are_those_of_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_a_percentile_of_few_values_is_one_of_them() -> None:
    assert percentile([3.0], 99) == 3.0
    assert percentile([1.0, 2.0], 50) == 1.0


def test_medians_are_taken_of_the_runs(results: Results) -> None:
    assert results.taken.median(NAME, 1_000, TRIGGER) == pytest.approx(55)
    assert results.taken.median("nobody", 1_000, TRIGGER) is None
    assert results.taken.sizes(TRIGGER) == [100, 1_000]


def test_a_ratio_above_one_is_better_whatever_is_measured() -> None:
    assert ratio(50, 750, TRIGGER) == "15x"
    assert ratio(16_000, 8_000, BURST) == "2.0x"
    assert ratio(750, 75, TRIGGER) == "0.1x"
    assert ratio(5, 1, CLIENT) == ratio(None, 1, TRIGGER) == ratio(1, None, TRIGGER) == "-"


def test_figures_bear_no_more_decimals_than_they_mean() -> None:
    assert [figure_of(value, TRIGGER) for value in (4.26, 99.94, 1234.5, None)] == [
        "4.3",
        "99.9",
        "1,234",
        "-",
    ]


def test_a_row_holds_medians_and_how_much_better_ours_are(results: Results) -> None:
    assert cells(results, 1_000, TRIGGER) == ["55.0", "825 (15x)", "880 (16x)"]


def test_the_table_fits_a_terminal(
    results: Results, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(results)
    out = capsys.readouterr().out
    assert "trigger -> last question, ms" in out  # in one piece
    assert "825 (15x)" in out


def test_json_holds_every_sample(results: Results) -> None:
    rows = json.loads(to_json(results))["results"]
    (row,) = [
        row
        for row in rows
        if (row["server"], row["students"], row["measure"]) == (NAME, 1_000, "trigger")
    ]
    assert (row["median"], row["samples"]) == (pytest.approx(55), [50, pytest.approx(55), 450])


def test_goals_are_met_or_not(results: Results) -> None:
    rows = {row[0]: row[1:] for row in (goal.row(results.taken) for goal in GOALS)}
    assert rows["trigger -> last of 1,000, stored"] == ["<= 50 ms", "55.0 ms", "no"]
    assert rows["durable answers, burst of 1,000"] == [">= 15,000 /s", "17,600 /s", "yes"]
    assert rows["trigger -> last of 5,000, stored"] == ["<= 200 ms", "-", "-"]


def test_the_document_keeps_its_words_and_gets_new_tables(results: Results) -> None:
    text = "# Words\n\n<!-- bench:goals -->\nold\n<!-- /bench -->\n\nmore words\n"
    new = document.filled(text, results)
    assert new.startswith("# Words\n\n<!-- bench:goals -->\n")
    assert new.endswith("<!-- /bench -->\n\nmore words\n")
    assert "old" not in new
    assert "55.0 ms" in new
    assert document.filled(new, results) == new


def test_every_table_of_the_document_is_known(results: Results, tmp_path: Path) -> None:
    copy = tmp_path / "performance.md"
    copy.write_text(document.DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    document.write(results, copy)
    text = copy.read_text(encoding="utf-8")
    assert "55.0 ms" in text
    assert text != document.DOCUMENT.read_text(encoding="utf-8")


def test_the_figure_shows_every_server(results: Results) -> None:
    drawn = figure.draw(results)
    root = ElementTree.fromstring(drawn)  # noqa: S314
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 3
    assert all(len(line.attrib["points"].split()) == 2 for line in lines)
    labels = {
        text.text: float(text.attrib["y"])
        for text in root.findall("{http://www.w3.org/2000/svg}text")
        if text.text and text.text.endswith(" ms")
    }
    assert labels.keys() == {f"{NAME}: 55.0 ms", f"{FLASK}: 825 ms", f"{NODE}: 880 ms"}
    assert abs(labels[f"{FLASK}: 825 ms"] - labels[f"{NODE}: 880 ms"]) >= figure.LINE
