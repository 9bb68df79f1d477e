"""QTI 1.2: files of Canvas, Common Cartridge, Blackboard, Respondus and R/exams."""

from __future__ import annotations

import contextlib
import zipfile
from itertools import combinations
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.qti import QTI, QTI1
from livequiz.bank.qti.manifest import NAME as MANIFEST
from livequiz.bank.qti.package import read
from livequiz.bank.reading import Item
from livequiz.bank.xml_tree import Element, parse
from livequiz.domain.errors import QuizError
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.linear import assert_linear
from tests.bank.qti_package import CHOICE, package

FOLDER = Path(__file__).parent / "qti1"
CANVAS = (FOLDER / "canvas.xml").read_bytes()
CARTRIDGE = (FOLDER / "common-cartridge.xml").read_bytes()
POOL = (FOLDER / "blackboard.dat").read_bytes()


@cases("qti1")
def test_a_file_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(QTI1, path)
    assert formats.detect(path.read_bytes(), path.suffix) is QTI1


def resources(*inside: str) -> str:
    return f"<manifest><resources>{''.join(inside)}</resources></manifest>"


QUIZ = '<resource identifier="q" type="imsqti_xmlv1p2"><file href="q/q.xml"/></resource>'
BOTH = (
    '<resource identifier="q" type="imsqti_xmlv1p2" href="q/assessment_meta.xml">'
    '<file href="q/assessment_meta.xml"/><file href="q/q.xml"/></resource>'
)
META = (
    '<resource identifier="m" type="associatedcontent/imscc_xmlv1p1/learning-application-resource"'
    ' href="q/assessment_meta.xml"><file href="q/assessment_meta.xml"/>{}</resource>'
)
CC = (
    '<resource identifier="q" type="imsqti_xmlv1p2/imscc_xmlv1p1/{}">'
    '<file href="q/assessment_qti.xml"/></resource>'
)
TWIN = '<file href="non_cc_assessments/q.xml.qti"/>'
BLACKBOARD = (
    '<resource xmlns:bb="http://www.blackboard.com/content-packaging/" bb:file="res00001.dat" '
    'bb:title="Pool" identifier="res00001" type="assessment/x-bb-qti-{}" xml:base="res00001"/>'
    '<resource type="course/x-bb-coursesetting" href="res00002.dat"/>'
)


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({MANIFEST: resources(QUIZ, META.format("")), "q/q.xml": CANVAS}, 11),
        ({MANIFEST: resources(BOTH), "q/q.xml": CANVAS, "q/assessment_meta.xml": b"<quiz/>"}, 11),
        ({MANIFEST: resources(CC.format("assessment")), "q/assessment_qti.xml": CARTRIDGE}, 5),
        ({MANIFEST: resources(CC.format("question-bank")), "q/assessment_qti.xml": CARTRIDGE}, 5),
        (
            {
                MANIFEST: resources(CC.format("assessment"), META.format(TWIN)),
                "q/assessment_qti.xml": CARTRIDGE,
                "non_cc_assessments/q.xml.qti": CANVAS,
            },
            11,
        ),
        ({MANIFEST: resources(BLACKBOARD.format("pool")), "res00001.dat": POOL}, 11),
        ({MANIFEST: resources(BLACKBOARD.format("test")), "res00001.dat": POOL}, 11),
    ],
    ids=[
        "canvas",
        "settings named first",
        "cartridge",
        "bank of a cartridge",
        "cartridge of Canvas",
        "pool",
        "test",
    ],
)
def test_the_questions_of_a_package_are_found(files: dict[str, str | bytes], count: int) -> None:
    content = package(files)
    assert formats.detect(content, ".imscc") is QTI1
    assert len(whole(read(content)).entries) == count


@pytest.mark.parametrize("inside", ["", "<objectbank ident='b'/>"])
def test_a_file_without_questions_has_none(inside: str) -> None:
    reading = whole(read(f"<questestinterop>{inside}</questestinterop>".encode()))
    assert (reading.entries, reading.problems) == ([], [])


def test_a_package_of_both_versions_is_read_whole() -> None:
    item = '<resource type="imsqti_item_xmlv2p1" href="a.xml"/>'
    content = package({MANIFEST: resources(QUIZ, item), "q/q.xml": CANVAS, "a.xml": CHOICE})
    assert formats.detect(content, ".zip") is QTI
    assert len(whole(read(content)).entries) == 12


def test_a_file_of_many_questions_that_is_too_large_is_told_and_not_unpacked() -> None:
    files: dict[str, str | bytes] = {MANIFEST: resources(QUIZ)}
    files["q/q.xml"] = b" " * (16 * 2**20 + 1)
    (problem,) = whole(read(package(files, zipfile.ZIP_STORED))).problems
    assert problem.message == "This file is too large: split it into several."


def test_several_options_that_are_chosen_are_never_one() -> None:
    document = CANVAS.replace(b"multiple_answers_question", b"")
    (draft,) = [d for d in whole(read(document)).drafts if d.text == "Which are metals?"]
    assert (draft.type.value, draft.correct) == ("multiple", (0, 1, 3))


PIECES = [b"", b"<", b"&", b"\x00", b"response1", b"</item>", b'"', b"1e999", b"\xff", b"<not>",
          b"varequal", b"<or>", b"Multiple", b"100"]  # fmt: skip


@settings(deadline=None)
@given(st.data())
def test_whatever_a_file_holds_only_the_coded_error_comes_out(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([CANVAS, CARTRIDGE, POOL])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(st.sampled_from(PIECES))
    for file in (bytes(content), package({MANIFEST: resources(QUIZ), "q/q.xml": bytes(content)})):
        QTI1.recognises(file, ".xml")
        items: list[Item] = []
        with contextlib.suppress(QuizError):
            items.extend(read(file))
        assert_usable(items)


ITEMS = {
    kind: CANVAS[CANVAS.index(start) : CANVAS.index(end)].decode()
    for kind, start, end in (
        ("choice", b'<item ident="i1"', b'<item ident="i2"'),
        ("number", b'<item ident="i6"', b'<item ident="i7"'),
    )
}


@pytest.mark.parametrize(
    ("kind", "piece", "before_what"),
    [
        ("choice", "<material><mattext>x</mattext></material>", "<response_lid"),
        ("choice", "<response_str ident='x'/>", "<response_lid"),
        ("choice", "<response_label ident='x'/>", "<response_label"),
        ("choice", "<itemfeedback ident='x'><material/></itemfeedback>", "<itemfeedback"),
        (
            "choice",
            "<respcondition><conditionvar><other/></conditionvar></respcondition>",
            "<respc",
        ),
        ("choice", "<varequal>11</varequal>", '<varequal respident="response1">11'),
        ("choice", "<setvar>1</setvar>", "<setvar"),
        ("choice", "<displayfeedback linkrefid='x'/>", "<displayfeedback"),
        ("number", "<varequal>7</varequal>", "<vargte"),
        ("number", "<or><varequal>7</varequal></or>", "<vargte"),
        ("number", "<vargte>7</vargte>", "<vargte"),
    ],
)
def test_the_time_grows_with_the_length_alone(kind: str, piece: str, before_what: str) -> None:
    before, after = ITEMS[kind].split(before_what, 1)

    def work(size: int) -> None:
        inside = f"{before}{piece * size}{before_what}{after}"
        list(read(f"<questestinterop>{inside}</questestinterop>".encode()))

    assert_linear(work)


NAMES = ["a", "b", "c", "d"]
equal = st.sampled_from(NAMES).map(lambda name: f"<varequal respident='r'>{name}</varequal>")
tests_of_options = st.recursive(
    equal,
    lambda inner: st.one_of(
        inner.map(lambda test: f"<not>{test}</not>"),
        st.lists(inner, min_size=1, max_size=4).map(lambda each: f"<and>{''.join(each)}</and>"),
        st.lists(inner, min_size=1, max_size=4).map(lambda each: f"<or>{''.join(each)}</or>"),
    ),
    max_leaves=6,
)
conditions = st.tuples(
    st.lists(tests_of_options | st.just("<other/>"), min_size=1, max_size=4).map("".join),
    st.sampled_from(["Set", "Add"]),
    st.sampled_from([100, 50, 1, 0, -50]),
)


def holds(test: Element, chosen: set[str], *, other: bool) -> bool:
    inside = [holds(each, chosen, other=other) for each in test]
    literal = {
        "varequal": test.text in chosen,
        "other": other,
        "not": not any(inside),
        "or": any(inside),
    }
    return literal.get(test.name, all(inside))


def points(processing: list[tuple[str, str, int]], chosen: set[str]) -> float:
    total, held = 0, False
    for tests, action, value in processing:
        condition = parse(f"<conditionvar>{tests}</conditionvar>".encode())
        if holds(condition, chosen, other=not held):
            held = True
            total = value + (total if action == "Add" else 0)
    return total


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(conditions, min_size=1, max_size=4))
def test_no_other_choice_is_worth_as_much_as_the_key_of_several(
    processing: list[tuple[str, str, int]],
) -> None:
    labels = "".join(
        f"<response_label ident='{name}'><material><mattext>{name}</mattext></material>"
        "</response_label>"
        for name in NAMES
    )
    rules = "".join(
        f"<respcondition continue='Yes'><conditionvar>{tests}</conditionvar>"
        f"<setvar action='{action}'>{value}</setvar></respcondition>"
        for tests, action, value in processing
    )
    document = (
        "<questestinterop><item><presentation><material><mattext>Which?</mattext></material>"
        f"<response_lid ident='r' rcardinality='Multiple'><render_choice>{labels}</render_choice>"
        f"</response_lid></presentation><resprocessing>{rules}</resprocessing></item>"
        "</questestinterop>"
    )
    for draft in whole(read(document.encode())).drafts:
        key = {NAMES[place] for place in cast("tuple[int, ...]", draft.correct)}
        named = {name for name in NAMES if f">{name}<" in rules}
        choices = [set(some) for n in range(5) for some in combinations(sorted(named), n)]
        best = max(points(processing, chosen) for chosen in choices)
        assert key <= named
        assert points(processing, key) == best
        assert [chosen for chosen in choices if points(processing, chosen) == best] == [key] or (
            draft.weights
        )
