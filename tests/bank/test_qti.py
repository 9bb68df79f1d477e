"""QTI: items after the specification's examples, and the way there and back."""

from __future__ import annotations

import contextlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.format_type import Format
from livequiz.bank.qti import QTI, QTI3
from livequiz.bank.qti.manifest import NAME as MANIFEST
from livequiz.bank.qti.names import kebab, plain
from livequiz.bank.qti.package import read
from livequiz.bank.reading import Item, Kind
from livequiz.bank.xml_tree import parse
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType, Scoring
from tests.bank.cases import assert_reads_as_expected, assert_usable, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear
from tests.bank.qti_package import CHOICE, FOLDER, manifest, package

both = pytest.mark.parametrize("known", [QTI, QTI3], ids=lambda known: known.name)
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
    assert f"({name}) has no equivalent in LiveQuiz: " in problem.message


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
        assert_usable(items)


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
