"""What a terminal sends for a paste: with its brackets, and as keys where it has none."""

from __future__ import annotations

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.widgets import Input

from livequiz.domain.text import without_escapes
from livequiz.tui.widgets.fields import LineInput
from tests.tui.looking import until


class OneField(App[None]):
    """A field, and what was submitted in it."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[str] = []

    def compose(self) -> ComposeResult:
        yield LineInput()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)

    def key(self, character: str, at: float) -> None:
        """Let a key come as a terminal's driver sends it, at a time in seconds."""
        event = events.Key("enter" if character == "\n" else character, character)
        event.time = at
        assert self.focused is not None
        self.focused.post_message(event)

    @property
    def value(self) -> str:
        return self.query_one(LineInput).value


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("kid \x1b[106;5u ney", "kid  ney"),
        ("\x1b[1;5Aup", "up"),
        ("\x1bOPf one", "f one"),
        ("\x1b]0;title\x07text", "text"),
        ("\x9b31mred", "red"),
        ("\x1bPq\x1b\\picture", "picture"),
        ("ends in \x1b[", "ends in "),
        ("plain [106;5u", "plain [106;5u"),
    ],
)
def test_escape_sequences_are_taken_out_whole(pasted: str, kept: str) -> None:
    assert without_escapes(pasted) == kept


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("kid \x1b[106;5u ney", "kid  ney"),
        ("one\ntwo", "one"),
        ("\n\nthree\n", "three"),
        ("\n", ""),
    ],
)
async def test_a_bracketed_paste_fills_in_its_first_line(pasted: str, kept: str) -> None:
    app = OneField()
    async with app.run_test() as pilot:
        app.query_one(LineInput).post_message(events.Paste(pasted))
        await until(lambda: app.value == kept, kept)
        await pilot.press("enter")
        await until(lambda: app.submitted == [kept])


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("Ju\x1b[Bq\r", "Juq"),
        ("kid \x1b[106;5u ney ", "kid  ney "),
        ("ab\x1b[31mcd\ref", "abcd"),
        ("\x1b[31mred", "red"),
        ("plain", "plain"),
        ("x^2", "x^2"),
    ],
)
async def test_a_paste_as_a_terminal_sends_it_is_put_together_again(pasted: str, kept: str) -> None:
    """It came apart at the escape sequence, in the wrong order, and submitted itself."""
    app = OneField()
    async with app.run_test():
        app.query_one(LineInput).value = "> "
        app.query_one(LineInput).cursor_position = 2
        for event in XTermParser().feed(f"\x1b[200~{pasted}\x1b[201~"):
            assert app.focused is not None
            app.focused.post_message(event)
        await until(lambda: app.value == f"> {kept}", kept)
        app.key("!", 10**9)  # by hand, long after
        await until(lambda: app.value == f"> {kept}!")
        assert app.submitted == []


async def test_a_paste_as_keys_fills_in_its_first_line_and_submits_nothing() -> None:
    app = OneField()
    async with app.run_test():
        for place, character in enumerate("one\ntwo\nthree\n"):
            app.key(character, 100 + place / 1000)
        app.key("x", 200)  # by hand, long after
        await until(lambda: app.value == "onex")
        assert app.submitted == []
        app.key("\n", 300)
        await until(lambda: app.submitted == ["onex"])


async def test_enter_right_behind_the_last_key_submits_once_nothing_follows() -> None:
    app = OneField()
    async with app.run_test():
        for place, character in enumerate("one\n"):
            app.key(character, 100 + place / 1000)
        await until(lambda: app.submitted == ["one"])


async def test_a_key_that_comes_late_to_a_busy_terminal_is_no_paste() -> None:
    app = OneField()
    async with app.run_test():
        for at, character in [(100, "a"), (100.01, "\n"), (100.2, "b")]:
            app.key(character, at)
        await until(lambda: app.submitted == ["a"])
        await until(lambda: app.value == "ab")
