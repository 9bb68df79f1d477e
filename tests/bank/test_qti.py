"""QTI: items after the specification's examples, packages, hostile zips, and the way back."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from os import urandom
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.format import Format
from livequiz.bank.qti import QTI, QTI3
from livequiz.bank.qti.manifest import NAME as MANIFEST
from livequiz.bank.qti.names import kebab, plain
from livequiz.bank.qti.package import read
from livequiz.bank.reading import Entry, Item, Kind, Problem
from livequiz.bank.xml_tree import parse
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType, Scoring
from tests.bank.cases import assert_reads_as_expected, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

both = pytest.mark.parametrize("known", [QTI, QTI3], ids=lambda known: known.name)
FOLDER = Path(__file__).parent / "qti"
# What QTI has a place for.
held: dict[str, Any] = {
    "time_limit": None,
    "source": None,
    "scoring": st.sampled_from(["all", "partial"]),
}


@cases("qti")
def test_an_item_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(QTI, path)
    expected = QTI3 if path.stem.startswith("version-3") else QTI
    content = path.read_bytes()
    if b"xmlns" in content:
        assert formats.detect(content, path.suffix) is expected


@st.composite
def holdable(draw: st.DrawFn) -> Draft:
    """Return questions of all that QTI holds, some with weights and words of their own."""
    draft = draw(drafts(**held))
    if draft.type is QuestionType.SHORT_TEXT:
        draft = replace(draft, case_sensitive=draw(st.booleans()))
    if draft.type is QuestionType.TRUE_FALSE and draw(st.booleans()):
        draft = replace(draft, options=("Wahr", "Falsch & mehr"))
    if draw(st.booleans()):
        draft = replace(draft, weights=draw(weights_for(draft)), scoring=Scoring.ALL)
    return draft


@st.composite
def weights_for(draw: st.DrawFn, draft: Draft) -> tuple[float, ...]:
    """Return weights that no shorter way of saying it is equal to."""
    key = draft.correct
    some = st.sampled_from([0.0, -10.5, -33.33333])
    if isinstance(key, int):
        other = st.sampled_from([100.0, 33.33333, -100.0, 0.125])
        return tuple(100.0 if n == key else draw(other) for n in range(len(draft.options)))
    if draft.type is QuestionType.MULTIPLE:
        # More than one share of them, so that the sum is bounded by the points.
        worth = 100.0 if len(key) == 1 else 62.5
        return tuple(worth if n in key else draw(some) for n in range(len(draft.options)))
    if len(key) == 1:
        return ()
    return (50.0, 100.0, *(draw(st.sampled_from([100.0, 33.33333])) for _ in key[2:]))


@both
@settings(deadline=None)
@given(st.lists(holdable(), max_size=3))
def test_what_is_written_is_read_back_unchanged(known: Format, bank: list[Draft]) -> None:
    assert known.write is not None
    writing = known.write(bank)
    assert not writing.problems
    assert formats.detect(writing.content, ".zip") is known
    reading = whole(known.read(writing.content))
    assert not reading.problems
    assert reading.drafts == bank


@both
def test_a_package_has_a_manifest_that_names_every_file(known: Format) -> None:
    bank = [Draft(text=f"{n}?", options=("a", "b"), correct=n % 2) for n in range(3)]
    assert known.write is not None
    with zipfile.ZipFile(io.BytesIO(known.write(bank).content)) as package:
        root = parse(package.read(MANIFEST))
        named = [e.attributes["href"] for e in root.walk() if e.name == "resource"]
        assert sorted([*named, MANIFEST]) == sorted(package.namelist())
        first = parse(package.read(named[0])).name
    assert first == ("qti-assessment-item" if known is QTI3 else "assessmentItem")


# What the schemas of both versions ask for: which attributes, and which parts in which order.
ATTRIBUTES = {"identifier", "title", "adaptive", "timeDependent"}
PARTS = [
    "responseDeclaration",
    "outcomeDeclaration",
    "itemBody",
    "responseProcessing",
    "modalFeedback",
]
NAMESPACES = {
    "qti": (
        b'"http://www.imsglobal.org/xsd/imsqti_v2p1"',
        b'"http://www.imsglobal.org/xsd/imscp_v1p1"',
        ["QTIv2.1 Package", "1.0.0"],
    ),
    "qti3": (
        b'"http://www.imsglobal.org/xsd/imsqtiasi_v3p0"',
        b'"http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"',
        ["QTI Package", "3.0.0"],
    ),
}


@both
@settings(deadline=None, max_examples=30)
@given(draft=holdable())
def test_what_is_written_has_the_parts_of_the_schema(known: Format, draft: Draft) -> None:
    assert known.write is not None
    with zipfile.ZipFile(io.BytesIO(known.write([draft]).content)) as written:
        outline, item = written.read(MANIFEST), written.read("items/q00001.xml")
    item_namespace, namespace, schema = NAMESPACES[known.name]
    assert item_namespace in item
    assert namespace in outline
    manifest_root, root = parse(outline), plain(parse(item))
    assert [part.name for part in manifest_root] == ["metadata", "organizations", "resources"]
    assert [part.text for part in next(iter(manifest_root))] == schema
    (resource,) = (e for e in manifest_root.walk() if e.name == "resource")
    assert resource.attributes["type"].endswith("v3p0" if known is QTI3 else "v2p1")
    assert [file.attributes["href"] for file in resource.all("file")] == ["items/q00001.xml"]
    assert set(root.attributes) == ATTRIBUTES
    assert [part for part in PARTS if root.first(part)] == list(
        dict.fromkeys(part.name for part in root)
    )
    (declared,) = root.all("responseDeclaration")
    assert [part.name for part in declared] in (
        ["correctResponse"],
        ["correctResponse", "mapping"],
    )
    (interaction,) = (e for e in root.walk() if e.name.endswith("Interaction"))
    assert interaction.attributes["responseIdentifier"] == declared.attributes["identifier"]
    assert ("maxChoices" in interaction.attributes) == bool(draft.options)
    named = [choice.attributes["identifier"] for choice in interaction]
    assert len(set(named)) == len(draft.options)


def test_what_xml_has_no_place_for_is_written_as_a_mark_and_told() -> None:
    draft = Draft(text="a\uffff", options=("b", "c\ufffe"), correct=0, topics=("\ufdd0",))
    assert QTI.write is not None
    writing = QTI.write([draft])
    (problem,) = writing.problems
    assert (problem.kind, "XML has no place for" in problem.message) == (Kind.LOST, True)
    (read_back,) = whole(read(writing.content)).drafts
    assert (read_back.text, read_back.options) == ("a\ufffd", ("b", "c\ufffd"))


INTERACTIONS = [
    "associateInteraction",
    "drawingInteraction",
    "extendedTextInteraction",
    "gapMatchInteraction",
    "graphicOrderInteraction",
    "hotspotInteraction",
    "hottextInteraction",
    "inlineChoiceInteraction",
    "matchInteraction",
    "mediaInteraction",
    "orderInteraction",
    "portableCustomInteraction",
    "selectPointInteraction",
    "sliderInteraction",
    "uploadInteraction",
    "somebodysInteraction",
]


@both
@pytest.mark.parametrize("name", INTERACTIONS)
def test_another_interaction_is_named(known: Format, name: str) -> None:
    tag, prefix = (f"qti-{kebab(name)}", "qti-") if known is QTI3 else (name, "")
    root = "qti-assessment-item" if known is QTI3 else "assessmentItem"
    body = "qti-item-body" if known is QTI3 else "itemBody"
    content = f"<{root}><{body}><p>What?</p><{tag}/><{prefix}x/></{body}></{root}>"
    (problem,) = whole(read(content.encode())).problems
    assert (problem.kind, problem.text) == (Kind.UNSUPPORTED, "What?")
    assert f"({name}) has no equal here: " in problem.message


def test_what_qti_has_no_place_for_is_told() -> None:
    stars = Draft(text="?", type=QuestionType.SHORT_TEXT, correct=("a*",), wildcards=True)
    timed = Draft(text="?", options=("a", "b"), correct=0, time_limit=20, source="Me")
    assert QTI.write is not None
    writing = QTI.write([stars, timed])
    assert [problem.kind for problem in writing.problems] == [
        Kind.UNSUPPORTED,
        Kind.LOST,
        Kind.LOST,
    ]
    assert len(whole(read(writing.content)).drafts) == 1


def package(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, text in files.items():
            written.writestr(name, text)
    return file.getvalue()


def manifest(*paths: str) -> str:
    resources = "".join(
        f'<resource type="imsqti_item_xmlv2p1" href="{path}"><metadata><lom><general><keyword>'
        "<langstring>Water</langstring></keyword></general><educational><difficulty><source>x"
        "</source><value>very difficult</value></difficulty></educational></lom></metadata>"
        "</resource>"
        for path in paths
    )
    picture = '<resource type="webcontent" href="a.png"/>'
    return f"<manifest><resources>{resources}{picture}</resources></manifest>"


CHOICE = (FOLDER / "choice-multiple.xml").read_text()


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
    assert (str(problem.place), "no well-formed XML" in problem.message) == ("bad.xml", True)


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
    for level, expected in (("very difficult", "hard"), ("whatever", "easy")):
        files = {MANIFEST: names.replace("very difficult", level), "a.xml": CHOICE}
        (draft,) = whole(read(package(files))).drafts
        assert (draft.topics, draft.difficulty) == (("Wasser", "Water"), expected)


def test_items_of_the_first_version_are_told() -> None:
    names = manifest("a.xml").replace("imsqti_item_xmlv2p1", "imsqti_xmlv1p2")
    (problem,) = whole(read(package({MANIFEST: names, "a.xml": "<questestinterop/>"}))).problems
    assert (problem.kind, "export it as QTI 2.1" in problem.message) == (Kind.UNSUPPORTED, True)


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


PIECES = [b"", b"<", b"&", b"\x00", b"RESPONSE", b"</itemBody>", b'"', b"1e999", b"\xff", b"RESP"]


@settings(deadline=None)
@given(st.data())
def test_whatever_a_file_holds_only_the_coded_error_comes_out(data: st.DataObject) -> None:
    paths = sorted(path for path in FOLDER.iterdir() if path.suffix == ".xml")
    content = bytearray(data.draw(st.sampled_from(paths)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(st.sampled_from(PIECES))
    zipped = package({MANIFEST: manifest("a.xml"), "a.xml": bytes(content)})
    bent = bytearray(zipped)
    bent[data.draw(st.integers(0, len(bent) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = zipped[: data.draw(st.integers(4, len(zipped)))]
    for file in (bytes(content), zipped, cut, bytes(bent), data.draw(st.binary(max_size=99))):
        QTI3.recognises(file, ".zip")
        items: list[Item] = []
        with contextlib.suppress(QuizError):
            items.extend(read(file))
        assert all(isinstance(item, Entry | Problem) for item in items)


@pytest.mark.parametrize(
    ("piece", "before_what"),
    [
        ("<p>x</p>", "<prompt>"),
        ("<simpleChoice identifier='A'>a</simpleChoice>", "<prompt>"),
        ("<mapEntry mapKey='A' mappedValue='1'/>", '<mapEntry mapKey="H"'),
        ("<value>H</value>", "<value>O"),
        ("<modalFeedback identifier='x'>Why.</modalFeedback>", "<itemBody>"),
        ("<outcomeDeclaration identifier='SCORE'/>", "<itemBody>"),
    ],
)
def test_the_time_grows_with_the_length_alone(piece: str, before_what: str) -> None:
    before, after = CHOICE.split(before_what)
    after = before_what + after

    def work(size: int) -> None:
        list(read(f"{before}{piece * size}{after}".encode()))

    assert_linear(work)


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3, explanation="Why.")
        for n in range(10_000)
    ]
    assert QTI.write is not None
    assert whole(read(QTI.write(bank).content)).drafts == bank
