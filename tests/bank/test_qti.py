"""QTI: items after the specification's examples, packages, hostile zips, and the way back."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livequiz.bank import formats
from livequiz.bank.format import Format
from livequiz.bank.qti import QTI, QTI3
from livequiz.bank.qti.package import MANIFEST, read
from livequiz.bank.reading import Entry, Item, Kind, Problem
from livequiz.bank.xml_tree import parse
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType
from tests.bank.cases import assert_reads_as_expected, cases, whole
from tests.bank.drafts import drafts
from tests.bank.linear import assert_linear

both = pytest.mark.parametrize("known", [QTI, QTI3], ids=lambda known: known.name)
FOLDER = Path(__file__).parent / "qti"
# What QTI has a place for.
held: dict[str, Any] = {"time_limit": None, "source": None}


@cases("qti")
def test_an_item_is_read_as_expected(path: Path) -> None:
    assert_reads_as_expected(QTI, path)
    expected = QTI3 if path.stem == "version-3" else QTI
    content = path.read_bytes()
    if b"xmlns" in content:
        assert formats.detect(content, path.suffix) is expected


@both
@settings(deadline=None)
@given(st.lists(drafts(**held), max_size=3))
def test_what_is_written_is_read_back_unchanged(known: Format, bank: list[Draft]) -> None:
    assert known.write is not None
    writing = known.write(bank)
    assert not writing.problems
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


def package(files: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
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


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (package({"a.xml": CHOICE}), "There is no imsmanifest.xml in this package"),
        (package({MANIFEST: manifest("a.xml")})[:-30], "This package is damaged"),
        (package({MANIFEST: b"\0" * (300 * 1024 * 1024)}), "too large when unpacked"),
        (package({MANIFEST: '<!DOCTYPE a [<!ENTITY b "c">]><manifest/>'}), "not safe to read"),
        (b"<html/>", "QTI's items with <assessmentItem>"),
    ],
    ids=["no-manifest", "damaged", "bomb", "entities", "html"],
)
def test_a_file_that_can_not_be_used_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(QuizError, match=sentence):
        list(read(content))


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
    for file in (bytes(content), zipped, zipped[: data.draw(st.integers(4, len(zipped)))]):
        items: list[Item] = []
        with contextlib.suppress(QuizError):
            items.extend(read(file))
        assert all(isinstance(item, Entry | Problem) for item in items)


@pytest.mark.parametrize("piece", ["<p>x</p>", "<simpleChoice identifier='A'>a</simpleChoice>"])
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    before, after = CHOICE.split("<prompt>")

    def work(size: int) -> None:
        list(read(f"{before}{piece * size}<prompt>{after}".encode()))

    assert_linear(work)


def test_ten_thousand_questions_are_read() -> None:
    bank = [
        Draft(text=f"Question {n}?", options=("a", "b", "c"), correct=n % 3, explanation="Why.")
        for n in range(10_000)
    ]
    assert QTI.write is not None
    assert whole(read(QTI.write(bank).content)).drafts == bank
