"""Addresses as people type and copy them, with and without a fingerprint."""

from __future__ import annotations

import pytest

from livequiz.client.address import (
    complete,
    from_page,
    page_address,
    pinned,
    projector_address,
    split,
)
from livequiz.domain.errors import QuizError
from livequiz.server.host.data_folder import Running

PIN = "ab" * 32
URL = "https://192.0.2.1:5000"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.0.2.1", "http://192.0.2.1:5000"),
        (" http://quiz.example ", "http://quiz.example"),
        ("[::1]:80", "http://[::1]:80"),
        ("https://quiz.example/", "https://quiz.example"),
        (f"{URL}#sha256={PIN}", f"{URL}#sha256={PIN}"),
        (f"192.0.2.1#sha256={PIN.upper()}", f"{URL}#sha256={PIN}"),
        (f"{URL}/#{':'.join(['AB'] * 32)}", f"{URL}#sha256={PIN}"),
    ],
)
def test_what_is_missing_is_completed(typed: str, url: str) -> None:
    assert complete(typed) == url
    assert complete(url) == url


@pytest.mark.parametrize(
    "typed",
    ["", "a b", "http://", "ftp://a", "http://a/b", "http://a?b", "a:b", "#", f"#sha256={PIN}"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(QuizError, match="is not an address") as refused:
        complete(typed)
    assert refused.value.field == "url"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (f"{URL}#", "copy it again"),
        (f"{URL}#sha256=", "copy it again"),
        (f"{URL}#sha256={PIN[1:]}", "copy it again"),
        (f"{URL}#sha256={PIN}a", "copy it again"),
        (f"{URL}#sha256={'xy' * 32}", "copy it again"),
        (f"{URL}#sha256={PIN}#sha256={PIN}", "copy it again"),
        (f"{URL}#sha1={PIN}", "copy it again"),
        (f"http://192.0.2.1:5000#sha256={PIN}", "begins with https://"),
    ],
)
def test_a_fingerprint_that_can_not_be_meant_is_never_passed_over(typed: str, why: str) -> None:
    with pytest.raises(QuizError, match=why) as refused:
        complete(typed)
    assert refused.value.field == "url"


def test_a_fingerprint_can_be_given_beside_the_address() -> None:
    address = f"{URL}#sha256={PIN}"
    for shown in (PIN, f"sha256={PIN}", "SHA256 " + ":".join(["AB"] * 32), "AB " * 32):
        assert pinned(URL, shown) == address
        assert pinned(address, shown) == address
    with pytest.raises(QuizError, match="different fingerprints"):
        pinned(address, "cd" * 32)
    assert split(address) == (URL, bytes.fromhex(PIN))
    assert split(URL) == (URL, None)


def test_a_server_of_this_host_is_known_by_its_url_or_its_fingerprint() -> None:
    running = Running("https://127.0.0.1:5000", "TEST", PIN)
    assert running.address == f"https://127.0.0.1:5000#sha256={PIN}"
    assert running.is_at("https://127.0.0.1:5000")
    assert running.is_at(f"https://192.0.2.1:5000#sha256={PIN}")
    assert not running.is_at(f"https://127.0.0.1:5000#sha256={'cd' * 32}")
    assert not running.is_at("http://127.0.0.1:5000")
    plain = Running("http://127.0.0.1:5000", "TEST")
    assert plain.is_at(plain.address)
    assert not plain.is_at(f"https://127.0.0.1:5000#sha256={PIN}")


def test_the_address_of_a_page_names_the_meeting_and_the_token() -> None:
    assert from_page(page_address(URL, "K7QX4M")) == (URL, "K7QX4M", "")
    assert from_page(projector_address(URL, "K7QX4M", "s-3_T")) == (URL, "K7QX4M", "s-3_T")
    assert from_page(" 192.0.2.1:5000/projector/?m=A_b-1 ") == ("192.0.2.1:5000", "A_b-1", "")
    for other in ("", URL, f"{URL}#sha256={PIN}", f"{URL}/?x=1", f"{URL}/a?m=K7QX4M", "http://a?b"):
        assert from_page(other) == (other, "", "")
