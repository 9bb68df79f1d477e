"""Markdown in questions: a small subset is drawn, and all else stands as it was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content

from livequiz.domain.text import one_line
from livequiz.tui.widgets.rich_text import Block, RichText, blocks, code, inline, outline
from tests.tui.looking import text_of

PROGRAM = """\
What is printed?

```python
def f():
    return "x"
```

Think of `f`."""


def styled(content: Content) -> dict[str, str]:
    return {content.plain[span.start : span.end]: str(span.style) for span in content.spans}


def test_a_text_falls_into_prose_and_code() -> None:
    assert list(blocks(PROGRAM)) == [
        Block("What is printed?"),
        Block('def f():\n    return "x"', "python"),
        Block("Think of `f`."),
    ]


def test_an_outline_has_a_code_blocks_first_line_and_no_fences() -> None:
    assert outline(PROGRAM) == "What is printed?\ndef f():\nThink of `f`."
    assert outline("```\n\n```") == ""


@pytest.mark.parametrize(
    ("text", "shown", "styles"),
    [
        ("Use `len(x)` here", "Use len(x) here", {"len(x)": "$accent on $panel"}),
        ("A **bold** word", "A bold word", {"bold": "bold"}),
        ("**a `b`**", "a b", {"a ": "bold", "b": "bold $accent on $panel"}),
        ("``a ` b``", "a ` b", {"a ` b": "$accent on $panel"}),
    ],
)
def test_code_and_bold_words_are_drawn(text: str, shown: str, styles: dict[str, str]) -> None:
    content = inline(text)
    assert content.plain == shown
    assert styled(content) == styles


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 and a_b_c",
        "2**3**2",
        "_name_ and *star*",
        "# no heading",
        "- no list\n- at all",
        "1. one",
        "> no quote",
        "[a link](https://example.org) <b>no html</b> &amp;",
        "C:\\*\\`",
        "a ` b",
        "** alone",
        "    four spaces\n\n  two",
        "[red]no markup[/red] [/]",
        "---",
        "| a | b |",
    ],
)
def test_all_else_stands_as_it_was_written(text: str) -> None:
    found = [block.text for block in blocks(text)]
    assert found == [text]
    assert inline(text).plain.replace("\u00a0", " ") == text


def test_what_steers_a_terminal_is_never_drawn() -> None:
    for content in (inline("`\x1b[31m`\u202e**x\x07**"), code("\x1b]0;x\x07", "python")):
        assert not any(character in content.plain for character in "\x1b\x07\u202e")


def test_a_program_keeps_its_lines_and_indentation_and_gets_colours() -> None:
    content = code("def f():\n\tif x:\n        pass  # why", "python")
    assert content.plain.replace("\u00a0", " ") == "def f():\n    if x:\n        pass  # why"
    assert styled(content)["def"] == "$accent bold"


@pytest.mark.parametrize("language", ["", "klingon", "../../etc/passwd", "python3 -c"])
def test_a_program_in_no_known_language_is_shown_plainly(language: str) -> None:
    assert code("x = 1", language).plain == "x = 1"


def test_a_fence_that_is_not_closed_goes_to_the_end() -> None:
    assert list(blocks("a\n```c\nint x;\n\nb")) == [Block("a"), Block("int x;\n\nb", "c")]


@given(st.text("`* \nab~_[]<>\\", max_size=40))
@example("~~~<")
@example("```<\na\n```")
def test_no_character_but_marks_is_lost(text: str) -> None:
    shown = "".join(
        inline(block.text).plain if block.language is None else block.text for block in blocks(text)
    )
    letters = [character for character in text if character in "[]<>\\"]
    assert [character for character in shown if character in "[]<>\\"] == letters


class Screen(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield RichText(self._text)


async def test_a_text_can_be_shown_in_the_place_of_another() -> None:
    app = Screen(PROGRAM)
    async with app.run_test() as pilot:
        rich = app.query_one(RichText)
        assert [child.has_class("code") for child in rich.children] == [False, True, False]
        rich.show("One `line`")
        await pilot.pause()
        assert [str(child.render()) for child in rich.children] == ["One line"]
        rich.show("")
        await pilot.pause()
        assert not rich.children
        assert rich.size.height == 0


LONG_LINES = """\
```python
def f():
    return [first_name + last_name for first_name, last_name in people]
    total = a_name_that_is_longer_than_the_whole_width_of_this_small_screen
                                                                            far_right()
```"""


@pytest.mark.parametrize("width", [30, 44])
async def test_the_rest_of_a_long_line_of_code_hangs_below_its_own_indentation(width: int) -> None:
    app = Screen(LONG_LINES)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.resize_terminal(width, 30)
        await pilot.pause()
        rows = [row.removeprefix("  ") for row in text_of(app).splitlines() if row.strip()]
        columns = [len(row) - len(row.lstrip()) for row in rows]
        assert columns[:2] == [0, 4]
        assert columns[-1] == (width - 4) // 2  # no further: most of a small screen is for words
        total = next(place for place, row in enumerate(rows) if "total" in row)
        assert columns[total] == 4
        assert set(columns[2:total] + columns[total + 1 : -1]) == {6}
        assert "".join("".join(rows).split()) == "".join(LONG_LINES[9:-3].split())
        assert app.query_one(".code").content_size.height == len(rows)


def test_one_line_of_a_text_has_no_fences() -> None:
    assert one_line(PROGRAM) == 'What is printed? def f(): return "x" Think of `f`.'
