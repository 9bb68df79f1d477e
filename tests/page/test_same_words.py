"""The page reads texts and words verdicts as the terminal's programs do."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from playwright.async_api import Page

from livequiz.client.practice import PracticeRun
from livequiz.client.verdict_wording import (
    Verdict,
    of_closing,
    of_history,
    of_practice,
    of_result,
)
from livequiz.domain.key_wording import JOINED
from livequiz.domain.model import CloseReason, QuestionType
from livequiz.protocol.messages import AnswerResult, HistoryItem, NewQuestion
from livequiz.protocol.practice import AskedQuestion, PracticeResult
from livequiz.tui.widgets.rich_text import blocks, inline
from tests.page.student import OpenPage

FROM = """async ([file, name, values]) => {
  const main = document.querySelector("script[type=module]").src;
  const module = await import(main.replace("main.js", file));
  return values.map((value) => module[name](...value));
}"""

TEXTS = [
    "plain",
    "one\ntwo\n\nthree",
    "```python\nprint(1)\n```",
    "before\n```\ncode\n\nmore\n```\nafter",
    "```js\nnever closed",
    "  ```java\n    indented\n  ```",
    "``` python and more\nno code\n```",
    "````\n```\ninner\n```\n````",
    "```c++\nint x;\n```\n\n```sql\nSELECT 1\n```",
    "\n\nblank before",
    "`` ``` ``",
    "text ```inline``` text",
]
LINES = [
    "plain",
    "a **bold** word",
    "**a**, **b**.",
    "2**3**2 and x**2 + y**2",
    "** a **",
    "a ** b ** c",
    "(**b**)c",
    "«**x**»y",
    "**fett**er",
    "**(a)**b",
    "**never closed",
    "****",
    "`code` and ``a`b``",
    "` a `",
    "`a`` b`",
    "`never closed",
    "**a `b**` c**",
    "**`x`**",
    "def __init__(self): pass",
    "*stars* stay",
    "`**`",
    "<b>&amp;</b>",
    "\\*\\*a\\*\\*",
]


def parts(line: str) -> list[tuple[str, bool, bool]]:
    """Return for each character of a line whether it is code, and whether it is bold."""
    content = inline(line)
    styles = [""] * len(content.plain)
    for span in content.spans:
        for place in range(span.start, span.end):
            styles[place] += f" {span.style}"
    return [
        (character, "$panel" in style, "bold" in style)
        for character, style in zip(content.plain, styles, strict=True)
    ]


async def test_texts_fall_into_the_same_blocks(open_page: OpenPage) -> None:
    page = await open_page()
    read = await page.evaluate(FROM, ["rich_text.js", "blocks", [[text] for text in TEXTS]])
    for text, found in zip(TEXTS, read, strict=True):
        expected = [{"text": block.text, "language": block.language} for block in blocks(text)]
        assert found == expected, text


async def test_lines_have_the_same_code_and_bold_words(open_page: OpenPage) -> None:
    page = await open_page()
    read = await page.evaluate(FROM, ["rich_text.js", "parts", [[line] for line in LINES]])
    for line, found in zip(LINES, read, strict=True):
        assert [
            (character, part["code"], part["bold"]) for part in found for character in part["text"]
        ] == parts(line), line


def asked(**more: Any) -> NewQuestion:
    fields = {"question_id": "1" * 24, "round_id": "2" * 24, "round_number": 3, "points": 2}
    fields |= {"question": "?", "options": ["one", "two", "three"], "type": "single"}
    fields |= {"duration": 60.0, "remaining": 60.0, "sent_time": "", "deadline": "2026-01-01"}
    return msgspec.convert({**fields, "server_time": "2026-01-01", **more}, NewQuestion)


def result(**more: Any) -> AnswerResult:
    fields = {"question_id": "1" * 24, "round_id": "2" * 24, "total_points": 3.0, "streak": 1}
    fields |= {"correct": None, "correct_answer": None, "your_answer": 1, "points": None}
    fields |= {"response_time": 4.26, "duplicate": False}
    return msgspec.convert({**fields, **more}, AnswerResult)


def item(**more: Any) -> HistoryItem:
    fields = {"round_number": 3, "question": "?", "correct": None, "answered": True}
    return msgspec.convert({**fields, **more}, HistoryItem)


several = partial(result, correct_answer=[0, 2])
typed = partial(result, correct_answer=["x", "y"], correct_text="x or y")
number = partial(result, correct_answer=3.5, correct_text="3.5")
TYPED = asked(type="short_text", options=[])
NUMBER = asked(type="numeric", options=[])
SEVERAL = asked(type="multiple")
RESULTS: list[tuple[NewQuestion, AnswerResult, Any]] = [
    (asked(), result(), 1),
    (asked(), result(correct=True, correct_answer=1, points=2, streak=4), 1),
    (asked(), result(correct=False, correct_answer=0, points=0), 1),
    (asked(), result(correct=False, correct_answer=0, points=0, duplicate=True), 2),
    (asked(), result(correct=False, correct_answer=0, points=0, explanation="So."), 1),
    (SEVERAL, several(correct=False, your_answer=[0, 1], points=0.67), [0, 1]),
    (SEVERAL, several(correct=True, your_answer=[0, 2], points=1), [0, 2]),
    (TYPED, typed(correct=False, your_answer="z"), "z"),
    (TYPED, typed(correct=True, your_answer="x", duplicate=True, points=2), "y"),
    (NUMBER, number(correct=False, your_answer=7.0), "7"),
    (NUMBER, number(correct=True, your_answer=3.5, points=2, duplicate=True), "3,50"),
]
CLOSINGS = [
    (asked(), None, CloseReason.TIME, False),
    (asked(), None, CloseReason.INSTRUCTOR, True),
    (asked(), result(your_answer=None, correct_answer=2), CloseReason.TIME, False),
    (asked(), result(your_answer=None, correct_answer=2), CloseReason.TIME, True),
    (SEVERAL, result(your_answer=None, correct_answer=[0, 2]), CloseReason.INSTRUCTOR, False),
    (asked(), result(correct=True, correct_answer=1, points=1), CloseReason.COMPLETE, False),
]
HISTORIES = [
    (asked(), item(answered=False, correct_option="two"), None, False),
    (asked(), item(answered=False, correct_option="two"), 1, True),
    (asked(), item(), 1, False),
    (asked(), item(correct=True, correct_option="two"), 1, False),
    (asked(), item(correct=False, correct_option="one"), 1, False),
    (SEVERAL, item(correct=False, correct_option=JOINED.join(["one", "three"])), [1], False),
    (asked(), item(answered=False), None, False),
]
ONE = AskedQuestion("1" * 24, "?", ["one", "two", "three"], QuestionType.SINGLE, 3, 2)
MANY = AskedQuestion("1" * 24, "?", ["one", "two", "three"], QuestionType.MULTIPLE, 3, 2)
G = AskedQuestion("1" * 24, "?", [], QuestionType.NUMERIC, 3, 2)
PRACTICE = [
    (ONE, PracticeResult("1" * 24, 1, True, 2, 1, None, "So.")),
    (ONE, PracticeResult("1" * 24, 1, False, 0, 0)),
    (MANY, PracticeResult("1" * 24, [0], False, 0.67, [0, 2])),
    (G, PracticeResult("1" * 24, 9.5, False, 0, 9.81, "9.81 ± 0.01")),
]


def told(verdict: Verdict) -> list[Any]:
    return [verdict.tone, verdict.title, verdict.detail, verdict.right, verdict.explanation or ""]


def heard(verdict: dict[str, Any]) -> list[Any]:
    right, explanation = verdict.get("right"), verdict.get("explanation") or ""
    return [verdict["tone"], verdict["title"], verdict["detail"], right, explanation]


async def worded(page: Page, name: str, cases: list[Any]) -> list[list[Any]]:
    values = msgspec.to_builtins(cases)
    return [heard(verdict) for verdict in await page.evaluate(FROM, ["verdict.js", name, values])]


async def test_verdicts_have_the_same_words(open_page: OpenPage) -> None:
    page = await open_page()
    assert await worded(page, "ofResult", RESULTS) == [told(of_result(*case)) for case in RESULTS]
    closings = [(*case, chosen) for case in CLOSINGS for chosen in (False, True)]
    assert await worded(page, "ofClosing", closings) == [
        told(of_closing(question, found, reason, lost=lost, chosen=chosen))
        for question, found, reason, lost, chosen in closings
    ]
    assert await worded(page, "ofPractice", PRACTICE) == [
        told(of_practice(*case)) for case in PRACTICE
    ]
    runs = [(0, 0), (1, 1), (5, 4)]
    said = await page.evaluate(FROM, ["practice.js", "summary", runs])
    assert said == [PracticeRun([], 0, *run).summary for run in runs]
    assert await worded(page, "ofHistory", HISTORIES) == [
        told(of_history(question, found, chosen, lost=lost))
        for question, found, chosen, lost in HISTORIES
    ]
