"""Texts in several languages: one is imported, and which one is told."""

from __future__ import annotations

import contextvars
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import languages
from livequiz.bank.formats import read_whole
from livequiz.bank.reading import Reading
from livequiz.domain.model import Draft
from tests.bank.linear import assert_linear

CASES = Path(__file__).parent / "cases"
SKY = "{mlang en}Sky?{mlang}{mlang de}Himmel?{mlang}"


def read_in(path: Path, *wanted: str) -> Reading:
    def read() -> Reading:
        languages.PREFERRED.set(wanted)
        return read_whole(path)

    return contextvars.copy_context().run(read)


def kept(text: str, *wanted: str) -> object:
    def keep() -> object:
        languages.PREFERRED.set(wanted)
        return languages.in_one_language(text)[0]

    return contextvars.copy_context().run(keep)


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("wanted", "text", "options"),
    [
        ("en", "Which colour is the sky?", ("blue", "red")),
        ("de", "Welche Farbe hat der Himmel?", ("blau", "rot")),
        ("de_AT", "Welche Farbe hat der Himmel?", ("blau", "rot")),
        ("fr", "Which colour is the sky?", ("blue", "red")),  # the first
    ],
)
def test_one_language_of_spans_and_marks_is_read(
    wanted: str, text: str, options: tuple[str, ...]
) -> None:
    reading = read_in(CASES / "moodle_mathml.xml", wanted)
    spans, marks = reading.drafts[2:4]
    assert [(draft.text, draft.options, draft.correct) for draft in (spans, marks)] == [
        (text, options, 0)
    ] * 2
    taken = "de" if wanted.startswith("de") else "en"
    note = f"It is in en and de: took {taken}. Use --lang to take another language."
    noted = [problem.text for problem in reading.problems if problem.message == note]
    assert noted == [text] * 2


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("{mlang en}a{mlang}{mlang de}b{mlang} c", "de", "b c"),
        ("{mlang en,fr}a{mlang}{mlang de}b{mlang}", "fr", "a"),
        ("{mlang en}a{mlang}{mlang other}b{mlang}", "de", "b"),
        ("{mlang de}a{mlang}", "en", "a"),
        ("{mlang en-GB}a{mlang}{mlang de}b{mlang}", "en", "a"),
        ("{MLANG EN}a{MLANG} {mlang de}b{mlang}", "de", "b"),
        ("**{mlang en}a{mlang}** **{mlang de}b{mlang}**", "en", "**a**"),
        ("{mlang en}a{mlang}\n\n{mlang de}b{mlang}\n\nc", "en", "a\n\nc"),
        ('<span class="multilang" lang="en">a</span><span lang="de" class="multilang">b</span>',
         "de", "b"),
        ('<span lang="en">a</span>', "de", '<span lang="en">a</span>'),
        ("What does {mlang en} do?", "de", "What does {mlang en} do?"),
        ("{mlang}", "de", "{mlang}"),
        ("a {b} c", "de", "a {b} c"),
    ],
)  # fmt: skip
def test_texts_in_one_language(text: str, wanted: str, said: str) -> None:
    assert kept(text, wanted) == said


@pytest.mark.parametrize("brace", ["{}", "\\{\\}"])
def test_gift_may_have_languages_in_braces(tmp_path: Path, brace: str) -> None:
    left, right = brace[: len(brace) // 2], brace[len(brace) // 2 :]
    marked = SKY.replace("{", left).replace("}", right)
    path = file(tmp_path, "a.gift", f"::Q:: {marked} {{={marked} yes ~{marked} no}}\n")
    reading = read_in(path, "de")
    assert reading.drafts == [
        Draft(text="Himmel?", options=("Himmel? yes", "Himmel? no"), correct=0)
    ]
    assert len(reading.problems) == 1


def test_plain_texts_and_tables_may_have_them_too(tmp_path: Path) -> None:
    aiken = file(tmp_path, "a.txt", f"Q: {SKY}\nA. {SKY} a\nB. {SKY} b\nANSWER: B\n")
    table = file(tmp_path, "a.csv", f"question,A,B,correct\nQ: {SKY},{SKY} a,{SKY} b,B\n")
    expected = [Draft(text="Q: Himmel?", options=("Himmel? a", "Himmel? b"), correct=1)]
    for path in (aiken, table):
        reading = read_in(path, "de")
        assert reading.drafts == expected
        assert ["took de" in problem.message for problem in reading.problems] == [True]


def test_long_texts_in_many_languages_are_no_longer_than_one_of_them(tmp_path: Path) -> None:
    text = "".join(f"{{mlang {name}}}{name * 1_900}{{mlang}}" for name in ("en", "de", "fr"))
    path = file(tmp_path, "a.gift", f"::Q:: {text} {{T}}")
    assert [draft.text for draft in read_in(path, "fr").drafts] == ["fr" * 1_900]


def test_options_that_are_the_same_in_one_language_are_refused(tmp_path: Path) -> None:
    options = "={mlang en}a{mlang}{mlang de}b{mlang} ~a"
    reading = read_in(file(tmp_path, "a.gift", f"Q {{{options}}}"), "en")
    assert not reading.drafts
    assert "the same" in reading.problems[0].message


@pytest.mark.parametrize(
    ("flags", "environment", "shown"),
    [
        ([], {"LANG": "de_DE.UTF-8"}, "Himmel?"),
        ([], {"LANG": "C.UTF-8"}, "Sky?"),
        (["--lang", "de"], {"LANG": "en_US.UTF-8"}, "Himmel?"),
    ],
)
def test_the_language_is_chosen_by_option_or_environment(
    tmp_path: Path, flags: list[str], environment: dict[str, str], shown: str
) -> None:
    path = file(tmp_path, "a.gift", f"::Q:: {SKY} {{T}}")
    unset = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}
    run = subprocess.run(
        [sys.executable, "-m", "livequiz", "questions", "import", str(path), "--dry-run", *flags],
        env={**os.environ, **unset, **environment},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert shown in run.stdout


@given(st.lists(st.sampled_from(
    ["{mlang en}", "{mlang}", "{mlang de,fr}", "a", " ", "<span lang='en' class='multilang'>",
     "</span>", "<span>", "{", "}"]), max_size=20).map("".join))  # fmt: skip
def test_any_text_is_some_text_in_one_language(text: str) -> None:
    assert isinstance(languages.in_one_language(text)[0], str)


@pytest.mark.parametrize(
    "piece",
    [
        "{mlang en}",
        "{mlang}",
        "{mlang ",
        "{",
        "<span class=multilang lang=en>",
        "</span>",
        "<span ",
    ],
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    assert_linear(lambda size: languages.in_one_language("multilang{mlang}" + piece * size))
