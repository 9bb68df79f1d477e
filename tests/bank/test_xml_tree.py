"""XML from elsewhere: what is in it and where, and what is refused."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank.xml_tree import DEEPEST, parse
from livequiz.domain.errors import QuizError
from tests.bank.linear import assert_linear

HEAD = '<?xml version="1.0" encoding="{}"?>'
XINCLUDE = "http://www.w3.org/2001/XInclude"
DOCTYPE = "This XML declares a document type or entities, which is not safe to read; "
BOMB = "".join(
    f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' if level else '<!ENTITY e0 "ha">'
    for level in range(30)
)


def refusal(content: bytes) -> str:
    with pytest.raises(QuizError) as refused:
        parse(content)
    return refused.value.message


def test_a_tree_has_names_attributes_and_text_without_namespaces() -> None:
    root = parse(b'<x:a xmlns:x="u" x:b="1" c="2">one<x:d>two</x:d><![CDATA[<3>]]><d/>&amp;</x:a>')
    assert (root.name, root.attributes) == ("a", {"b": "1", "c": "2"})
    assert root.text == "onetwo<3>&"
    assert [child.name for child in root] == ["d", "d"]
    first = root.first("nothing", "d")
    assert first is not None
    assert first.text == "two"
    assert root.first("nothing") is None
    assert len(root.all("d")) == 2


def test_walking_goes_through_all_elements_as_they_are_written() -> None:
    root = parse(b"<a><b><c/><d/></b><e/></a>")
    assert [element.name for element in root.walk()] == ["a", "b", "c", "d", "e"]


def test_lines_and_columns_are_counted_in_characters_from_one() -> None:
    root = parse("\ufeff<a>\n  é漢🙂<b/>\r\n\t<!-- \n --><c\n x='1'/><d/></a>".encode())
    places = [(element.name, element.line, element.column) for element in root.walk()]
    assert places == [("a", 1, 1), ("b", 2, 6), ("c", 4, 5), ("d", 5, 9)]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("UTF-8", "é漢🙂"), ("UTF-16", "é漢🙂"), ("ISO-8859-1", "é"), ("windows-1252", "é€")],
)
def test_encodings_that_are_common_are_read(encoding: str, text: str) -> None:
    assert parse(f"{HEAD.format(encoding)}<a>{text}</a>".encode(encoding)).text == text


@pytest.mark.parametrize(
    "encoding", ["shift_jis", "utf-7", "no-such", "rot13", "hex", "idna", "punycode", "undefined"]
)
def test_other_encodings_are_refused(encoding: str) -> None:
    message = refusal(f"{HEAD.format(encoding)}<a/>".encode())
    assert message.startswith("This XML's encoding can't be read (")
    assert message.endswith("): save it in UTF-8.")


@pytest.mark.parametrize(
    "declared",
    [
        f"<!DOCTYPE a [{BOMB}]><a>&e29;</a>",
        f"<!DOCTYPE a [{BOMB}]><a b='&e29;'/>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a/>",
        "<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><a>&f;</a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>",
        "<!DOCTYPE a PUBLIC '-//A' 'a.dtd'><a/>",
        "<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(declared: str) -> None:
    assert refusal(declared.encode()) == DOCTYPE + "remove its <!DOCTYPE ...>."


def test_no_other_file_is_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    include = f'<i:include href="{secret.as_uri()}" parse="text" xmlns:i="{XINCLUDE}"/>'
    assert parse(f"<a>{include}</a>".encode()).text == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no element found at line 1, column 1"),
        (b"hello", "syntax error at line 1, column 1"),
        (b"<a>\n <b></a>", "mismatched tag at line 2, column 7"),
        (b"<a>\xff</a>", "not well-formed (invalid token) at line 1, column 4"),
        (b"<a>\x00</a>", "not well-formed (invalid token) at line 1, column 4"),
        (b"<a>&nbsp;</a>", "undefined entity at line 1, column 4"),
        (b"<a>&#xD800;</a>", "reference to invalid character number at line 1, column 4"),
        (b"<a b='1' b='2'/>", "duplicate attribute at line 1, column 10"),
        (b"<a/><b/>", "junk after document element at line 1, column 5"),
        (b"<x:a/>", "unbound prefix at line 1, column 1"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_place(content: bytes, reason: str) -> None:
    assert refusal(content) == f"This is not well-formed XML: {reason}."


def test_elements_are_nested_so_deep_and_no_deeper() -> None:
    assert len(list(parse(b"<a>" * DEEPEST + b"</a>" * DEEPEST).walk())) == DEEPEST
    message = "Line 3: elements are nested more than 100 deep."
    for depth in (DEEPEST + 1, 1_000_000):
        assert refusal(b"\n\n" + b"<a>" * depth + b"</a>" * depth) == message


@given(st.binary(max_size=100) | st.text("<>/a!?-[]&;#x='\" \n", max_size=60).map(str.encode))
def test_any_bytes_are_a_tree_or_refused_with_the_coded_error(content: bytes) -> None:
    with contextlib.suppress(QuizError):
        parse(content)


@pytest.mark.parametrize(
    "piece", ["<b/>", "<b>", "&lt;", "\n", "<!-- -->", "<![CDATA[]]>", "<b c='"]
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    def read(size: int) -> None:
        with contextlib.suppress(QuizError):
            root = parse(f"<a>{piece * size}</a>".encode())
            assert len(root.text) <= size
            assert sum(1 for _ in root.walk()) <= size + 1

    assert_linear(read)
