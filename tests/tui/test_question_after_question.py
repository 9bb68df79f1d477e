"""One screen shows all questions: nothing of the one before is left on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from textual.css.stylesheet import Stylesheet
from textual.events import Key
from textual.pilot import Pilot

from livequiz.domain.answering import Shown
from livequiz.domain.model import CloseReason, QuestionType
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import NewQuestion, Removed, StudentRoundClosed
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.countdown import Countdown
from tests.tui.looking import StoppedClock, settle, text_of, until, until_shown
from tests.tui.test_student_snapshots import JOINED, QUESTION, result

PROGRAM = (
    "What is shown?\n```python\nfor n in range(3):\n    print(n)\n```\n" + "Read it twice.\n" * 9
)
KINDS: dict[str, tuple[dict[str, Any], Stored, Shown | None]] = {
    "four": ({}, 2, 1),
    "program": ({"question": PROGRAM, "topic": None, "points": 3}, 1, 1),
    "two": ({"options": ["True", "False"], "type": QuestionType.TRUE_FALSE}, 0, 1),
    "nine": ({"options": [f"Option {n} of them" for n in range(9)]}, 8, 7),
    "several": ({"type": QuestionType.MULTIPLE}, [0, 3], [1, 3]),
    "number": ({"options": [], "type": QuestionType.NUMERIC}, 3.5, None),
    "text": ({"options": [], "type": QuestionType.SHORT_TEXT}, "London", None),
}
NUMBERS = count(1)


@dataclass
class Seat:
    app: StudentApp
    clock: StoppedClock
    pilot: Pilot[Any]

    async def ask(self, kind: str) -> None:
        """Ask a question of a kind."""
        round_id = f"{next(NUMBERS):024x}"
        await self.app.handle(structs.replace(QUESTION, round_id=round_id, **KINDS[kind][0]))
        await until(lambda: self.app.focused)
        await settle(self.app, self.pilot)

    def look(self) -> list[list[tuple[str, str]]]:
        """Return what is on the screen, and in which styles."""
        strips = self.app.screen._compositor.render_strips()
        return [[(part.text, str(part.style)) for part in strip] for strip in strips]

    async def conclude(self, kind: str, *, put_away: bool) -> None:
        """Choose something, learn that it was wrong, scroll, and go back to the waiting room."""
        modal = self.app.screen
        assert isinstance(modal, QuestionModal)
        _, chosen, right = KINDS[kind]
        modal._options.restore(chosen)
        given = structs.replace(
            result(None, correct=False, key=1),
            round_id=modal.question.round_id,
            your_answer=chosen,
            correct_answer=right,
        )
        closed = StudentRoundClosed(modal.question.round_id, CloseReason.TIME, given)
        await self.app.handle(closed)
        modal.action_page(1)
        await self.pilot.pause()
        if put_away:
            self.app.action_switch_keys()
            self.clock.now += 1
            await self.pilot.press("x")
            await until(lambda: isinstance(self.app.screen, WaitingRoom))


@asynccontextmanager
async def seated(size: tuple[int, int]) -> Any:
    clock = StoppedClock()
    app = StudentApp("http://192.168.1.20:5000", "TEST", clock=clock)
    async with app.run_test(size=size) as pilot:
        await app.handle(JOINED)
        yield Seat(app, clock, pilot)


def pairs() -> Iterator[str]:
    """Yield kinds so that each follows each."""
    for first in KINDS:
        for second in KINDS:
            yield first
            yield second


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))


@pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (140, 50)], ids=lambda size: f"{size[0]}x{size[1]}"
)
async def test_a_question_looks_as_if_it_were_the_first(size: tuple[int, int]) -> None:
    first = {}
    for kind in KINDS:
        async with seated(size) as seat:
            await seat.ask(kind)
            for _ in range(3):  # scroll bars change the layout once more
                await settle(seat.app, seat.pilot)
            first[kind] = seat.look()
    before = "nothing"
    async with seated(size) as seat:
        for place, kind in enumerate(pairs()):
            await seat.ask(kind)
            await until(lambda: seat.look() == first[kind], f"{kind} after {before}")  # noqa: B023
            await seat.conclude(kind, put_away=place % 3 == 0)
            before = kind


async def test_a_key_between_two_questions_answers_neither() -> None:
    """What was chosen for the one before could be submitted for the new one."""
    async with seated((80, 24)) as seat:
        await seat.ask("four")
        await seat.conclude("four", put_away=False)
        modal = seat.app.screen
        assert isinstance(modal, QuestionModal)
        held, before, offer = asyncio.Event(), modal.question, modal._offer
        submitted: list[object] = []

        async def slowly(question: NewQuestion) -> None:
            await held.wait()
            await offer(question)

        modal._offer = slowly  # type: ignore[method-assign]
        seat.app._answer = submitted.append
        asking = asyncio.create_task(seat.ask("four"))
        await until(lambda: modal.question is not before)
        seat.clock.now += 1
        modal.action_submit()
        modal.action_back()
        await seat.pilot.pause()
        assert seat.app.screen is modal
        held.set()
        await asking
        assert submitted == []
        assert modal.unanswered
        assert modal.chosen is None


async def test_keys_on_the_way_in_close_no_screen() -> None:
    app = StudentApp("http://192.168.1.20:5000", "TEST", clock=StoppedClock())
    async with app.run_test(size=(80, 24)) as pilot:
        joining = asyncio.create_task(app.handle(JOINED))
        while not joining.done():
            app.screen.post_message(Key("enter", "\r"))
            await asyncio.sleep(0)
        await joining
        await pilot.pause()
        assert isinstance(app.screen, WaitingRoom)
        assert len(app.screen_stack) == 2


async def test_nothing_counts_down_behind_the_form_after_a_removal() -> None:
    async with seated((80, 24)) as seat:
        await seat.ask("four")
        countdown = seat.app.screen.query_one(Countdown)
        await seat.app.handle(Removed("removed", "Your teacher removed you."))
        await until(lambda: isinstance(seat.app.screen, JoinScreen))
        assert not countdown._counting


async def test_a_window_and_colours_that_changed_meanwhile_are_those_of_the_next_question() -> None:
    async with seated((120, 40)) as seat:
        seat.app.action_switch_colours()
        await seat.ask("four")
        for _ in range(3):
            await settle(seat.app, seat.pilot)
        first = seat.look()
    async with seated((60, 18)) as seat:
        await seat.ask("four")
        await seat.conclude("four", put_away=True)
        await seat.pilot.resize_terminal(120, 40)
        seat.app.action_switch_colours()
        await settle(seat.app, seat.pilot)
        await seat.ask("four")
        await until(lambda: seat.look() == first, "the look of the new window")


async def test_a_later_question_costs_no_more_than_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A class by SSH shares a process: what each round adds, a hundred students wait for."""
    styled, apply = [0], Stylesheet.apply

    def counted(self: Stylesheet, *arguments: Any, **named: Any) -> None:
        styled[0] += 1
        apply(self, *arguments, **named)

    monkeypatch.setattr(Stylesheet, "apply", counted)
    spent, widgets = [], []
    async with seated((80, 24)) as seat:
        for _ in range(6):
            before = styled[0]
            await seat.ask("four")
            spent.append(styled[0] - before)
            widgets.append(len(seat.app.screen_stack[1].query("*")))
            await seat.conclude("four", put_away=False)
    assert spent[-1] <= spent[1]
    assert spent[1] < 30  # of some forty widgets
    assert widgets[-1] - widgets[1] <= 4  # a past round is one widget


async def test_a_past_round_gives_up_its_time_in_a_window_that_becomes_narrow() -> None:
    async with seated((80, 24)) as seat:
        await seat.ask("four")
        await seat.conclude("four", put_away=True)
        await until_shown(seat.app, "✗ wrong")
        assert "8.0 s" in text_of(seat.app)
        for width, shown in ((60, False), (100, True)):
            await seat.pilot.resize_terminal(width, 24)
            await settle(seat.app, seat.pilot)
            await until(lambda: ("8.0 s" in text_of(seat.app)) is shown, f"{width} columns")  # noqa: B023
