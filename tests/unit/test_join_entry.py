"""What a join form takes."""

from __future__ import annotations

import pytest

from livequiz.client.join_entry import JoinEntry
from livequiz.domain.errors import QuizError


@pytest.mark.parametrize("code", ["", "abcde", "A2B3C"])
def test_a_rejoin_code_that_was_made_is_taken(code: str) -> None:
    entry = JoinEntry("192.168.1.20", "k7qx4m", "S001", "Ann", code).checked()
    assert (entry.meeting_id, entry.code) == ("K7QX4M", code.upper())


@pytest.mark.parametrize("code", ["Bob Müller", "K7QX4M", "AAAA", "A1B2C", " "])
def test_anything_else_is_no_rejoin_code(code: str) -> None:
    """A name that was typed into that field became the code, which the class could guess."""
    with pytest.raises(QuizError, match="A rejoin code has 5 letters and digits") as refused:
        JoinEntry("192.168.1.20", "K7QX4M", "S001", "Ann", code).checked()
    assert refused.value.field == "code"


def test_the_address_of_the_page_fills_in_the_meeting() -> None:
    entry = JoinEntry("http://192.168.1.20:5000/?m=k7qx4m", "", "S001", "Ann")
    assert entry.complete
    assert entry.checked().url == "http://192.168.1.20:5000"
    assert entry.checked().meeting_id == "K7QX4M"
    remembered = JoinEntry(entry.url, "OLD", "S001", "Ann")
    assert remembered.checked().meeting_id == "K7QX4M"
