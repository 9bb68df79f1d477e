"""QTI's content packages: where items are found, what manifests say, and hostile zips."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from os import urandom

import pytest

from livequiz.bank import formats
from livequiz.bank.format_type import Format
from livequiz.bank.qti import QTI, QTI3
from livequiz.bank.qti.manifest import NAME as MANIFEST
from livequiz.bank.qti.package import read
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Difficulty, QuestionType
from livequiz.protocol.questions import QuestionIn, to_draft
from tests.bank.cases import whole
from tests.bank.qti_package import CHOICE, FOLDER, manifest, package


def test_items_are_found_by_the_manifest_wherever_it_stands() -> None:
    content = package(
        {"unit/imsmanifest.xml": manifest("my%20items/a.xml"), "unit/my items/a.xml": CHOICE}
    )
    assert formats.detect(content, ".zip") is QTI
    (entry,) = whole(read(content)).entries
    assert str(entry.place).startswith("unit/my items/a.xml:1:1")
    assert (entry.draft.topics, entry.draft.difficulty) == (("Water",), "hard")


@pytest.mark.parametrize(
    "path",
    ["../a.xml", "/etc/passwd", "file:///etc/passwd", "http://x/y.xml", "", "a/../../b"],
)
def test_a_manifest_leads_out_of_no_package(path: str) -> None:
    reading = whole(read(package({MANIFEST: manifest(path), "good.xml": CHOICE})))
    assert not reading.entries
    (problem,) = reading.problems
    assert "which is not in the package" in problem.message


def test_one_bad_item_does_not_stop_the_others() -> None:
    files = {MANIFEST: manifest("bad.xml", "good.xml"), "bad.xml": "<a", "good.xml": CHOICE}
    reading = whole(read(package(files)))
    assert len(reading.entries) == 1
    (problem,) = reading.problems
    assert (str(problem.place), "not well-formed XML" in problem.message) == ("bad.xml", True)


def test_one_damaged_item_does_not_stop_the_others() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as written:
        written.writestr(MANIFEST, manifest("bad.xml", "good.xml"))
        written.writestr("bad.xml", CHOICE.replace("Hydrogen", "Hydragen"))
        written.writestr("good.xml", CHOICE)
    reading = whole(read(file.getvalue().replace(b"Hydragen", b"HYDRAGEN")))
    assert [entry.place.member for entry in reading.entries] == ["good.xml"]
    (problem,) = reading.problems
    assert (str(problem.place), "damaged" in problem.message) == ("bad.xml", True)


def test_an_item_named_often_is_one_question() -> None:
    reading = whole(read(package({MANIFEST: manifest("a.xml", "./a.xml"), "a.xml": CHOICE})))
    assert (len(reading.entries), reading.problems) == (1, [])


def test_paths_go_by_their_bases_and_by_either_slash() -> None:
    names = manifest("in\\a.xml").replace("<resources>", '<resources xml:base="all/">')
    reading = whole(read(package({MANIFEST: names, "all/in/a.xml": CHOICE})))
    assert (len(reading.entries), reading.problems) == (1, [])


def test_a_file_stands_for_a_missing_address() -> None:
    names = manifest("a.xml").replace('href="a.xml"><metadata>', '><file href="a.xml"/><metadata>')
    assert len(whole(read(package({MANIFEST: names, "a.xml": CHOICE}))).entries) == 1


def test_the_outermost_manifest_counts() -> None:
    files = {
        f"x/{MANIFEST}": manifest("b.xml", "c.xml"),
        MANIFEST: manifest("a.xml"),
        f"y/{MANIFEST}": manifest(),
        "a.xml": CHOICE,
    }
    assert len(whole(read(package(files))).entries) == 1


def test_keywords_become_topics_and_difficulty() -> None:
    keywords = (
        "<keyword><string>Wasser</string><string>Water</string></keyword>"
        "<keyword><string>easy</string></keyword>"
    )
    names = manifest("a.xml").replace("<general>", f"<general>{keywords}")
    topics = ("Wasser", "Water")
    for level, expected in (
        ("very difficult", (("Wasser", "easy", "Water"), "hard")),
        ("whatever", (topics, "easy")),
        ("", (("Wasser", "easy", "Water"), None)),
    ):
        files = {MANIFEST: names.replace("very difficult", level), "a.xml": CHOICE}
        (draft,) = whole(read(package(files))).drafts
        assert (draft.topics, draft.difficulty) == expected


@pytest.mark.parametrize("known", [QTI, QTI3])
@pytest.mark.parametrize("level", [None, Difficulty.HARD])
def test_a_topic_named_like_a_difficulty_stays_a_topic(
    known: Format, level: Difficulty | None
) -> None:
    kind = QuestionType.TRUE_FALSE
    draft = to_draft(QuestionIn(question="Q?", correct=True, type=kind, topics=["EASY"]))
    bank = [replace(draft, difficulty=level)]
    assert known.write is not None
    assert whole(known.read(known.write(bank).content)).drafts == bank


def test_each_question_of_a_file_of_the_first_version_counts() -> None:
    names = manifest("a.xml").replace("imsqti_item_xmlv2p1", "imsqti_xmlv1p2")
    canvas = (FOLDER.parent / "qti1" / "canvas.xml").read_bytes()
    reading = whole(read(package({MANIFEST: names, "a.xml": canvas})))
    assert (len(reading.entries), reading.left_out) == (11, 6)
    assert {entry.place.member for entry in reading.entries} == {"a.xml"}


TEST = manifest("tests/test.xml").replace("imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1")


def test_a_manifest_that_names_the_test_alone_leads_to_its_items() -> None:
    refs = "".join(
        f'<assessmentItemRef identifier="i{n}" href="{path}"/>'
        for n, path in enumerate(("../items/a.xml", "b.xml", "./b.xml", "../../out.xml", ""))
    )
    inner = '<assessmentSectionRef identifier="s" href="section.xml"/>'
    files = {
        MANIFEST: TEST,
        "tests/test.xml": f"<assessmentTest><testPart>{refs}{inner}</testPart></assessmentTest>",
        "tests/section.xml": '<assessmentSection><assessmentItemRef href="c.xml"/>'
        '<assessmentSectionRef href="section.xml"/></assessmentSection>',
        "items/a.xml": CHOICE,
        "tests/b.xml": CHOICE,
        "tests/c.xml": CHOICE,
        "out.xml": CHOICE,
    }
    reading = whole(read(package(files)))
    members = [entry.place.member for entry in reading.entries]
    assert members == ["items/a.xml", "tests/b.xml", "tests/c.xml"]
    assert {problem.place.member for problem in reading.problems} == {"tests/test.xml"}
    assert [problem.message for problem in reading.problems] == [
        f"The test names {said}, which is not in the package: export it again."
        for said in ("../out.xml", "no file")
    ]


def test_an_item_that_manifest_and_test_name_is_one_question_with_its_topics() -> None:
    names = manifest("a.xml").replace(
        "<resources>", '<resources><resource type="imsqti_test_xmlv2p1" href="test.xml"/>'
    )
    test = '<assessmentTest><assessmentItemRef href="a.xml"/></assessmentTest>'
    reading = whole(read(package({MANIFEST: names, "test.xml": test, "a.xml": CHOICE})))
    assert [draft.topics for draft in reading.drafts] == [("Water",)]


def test_an_item_in_utf_16_is_recognised() -> None:
    item = (FOLDER / "choice.xml").read_text().replace("UTF-8", "UTF-16").encode("utf-16")
    assert formats.detect(item, ".xml") is QTI
    assert len(whole(read(item)).entries) == 1


def many(count: int) -> bytes:
    return package({MANIFEST: manifest(), **{f"{n}": "" for n in range(count)}})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (package({"a.xml": CHOICE}), "There is no imsmanifest.xml in this package"),
        (package({MANIFEST: manifest("a.xml")})[:-30], "This package is damaged"),
        (package({MANIFEST: b"\0" * (300 * 2**20)}), "too large when unpacked"),
        (package({MANIFEST: manifest(), "a": b"\0" * (17 * 2**20)}), "too large when unpacked"),
        (package({MANIFEST: b"\0" * (16 * 2**20 + 1), "a": urandom(2**18)}), "xml is too large"),
        (many(50_000), "too large when unpacked"),
        (package({MANIFEST: manifest(), "a": "b"}, zipfile.ZIP_LZMA), "an unusual way"),
        (package({MANIFEST: manifest()}), "names no questions"),
        (package({MANIFEST: '<!DOCTYPE a [<!ENTITY b "c">]><manifest/>'}), "not safe to read"),
        (b"<html/>", "QTI's items with <assessmentItem>"),
        (b"<assessmentTest><assessmentItemRef/></assessmentTest>", "export single items"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_can_not_be_used_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(QuizError, match=sentence):
        list(read(content))


def test_an_item_too_large_is_told_and_not_unpacked() -> None:
    files = {MANIFEST: manifest("a.xml", "b.xml"), "a.xml": " " * (4 * 2**20 + 1), "b.xml": CHOICE}
    reading = whole(read(package(files)))
    assert [problem.message for problem in reading.problems] == [
        "This item is too large: shorten it."
    ]
    assert len(reading.entries) == 1


def test_a_locked_package_is_refused() -> None:
    content = bytearray(package({MANIFEST: manifest()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(QuizError, match="locked with a password"):
        list(read(bytes(content)))
