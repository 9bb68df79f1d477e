"""How the student's screens look, at two sizes; the clock stands still.

After a wanted change: `pytest tests/tui/test_student_snapshots.py --snapshot-update`, then look
at what changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from textual.pilot import Pilot
from textual.widgets import Digits, Input

from livequiz.client.event_types import ConnectionLost, Event
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import CloseReason, QuestionType
from livequiz.protocol import events
from livequiz.protocol.fields import from_timestamp, to_timestamp
from livequiz.protocol.leaderboard import Leaderboard, Place
from livequiz.protocol.messages import (
    AnswerResult,
    HistoryItem,
    Joined,
    NewQuestion,
    PresenceUpdated,
    RoundExtended,
    StudentRoundClosed,
)
from livequiz.protocol.practice import OwnHistory, PastAnswer, PracticeQuestions, PracticeResult
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.widgets.countdown import Countdown, clock_face
from tests.tui.looking import StoppedClock, settle, until, until_shown

SIZES = [(80, 24), (120, 40)]
NOW = "2026-01-15T10:05:15.123Z"
ROUND_ID = "0" * 24
HISTORY = [
    HistoryItem(3, "What is 2 + 2?", True, True, 12.3, "4"),
    HistoryItem(2, "Which city is the capital of Australia?", False, True, 8.04, "Canberra"),
    HistoryItem(
        1, "Which planet of the solar system is the largest?", False, False, None, "Jupiter"
    ),
]
JOINED = Joined(
    True, "S001", "TEST", "x", "t", NOW, None, "Alice Johnson", 2, 1, HISTORY, practice=True
)
QUESTION = NewQuestion(
    question_id="1" * 24,
    question="What is the capital of France?",
    options=["London", "Paris", "Berlin", "Madrid"],
    sent_time=NOW,
    round_id=ROUND_ID,
    round_number=4,
    type=QuestionType.SINGLE,
    duration=30,
    deadline=NOW,
    remaining=17,
    server_time=NOW,
    points=1,
    topic="Geography",
)
EXPLANATION = "Paris has been the seat of government, with few interruptions, since 987."
CANBERRA = PastAnswer(
    question_id="2" * 24,
    question="Which city is the capital of Australia?",
    options=["Sydney", "Canberra", "Melbourne", "Perth"],
    type=QuestionType.SINGLE,
    round_number=2,
    points=1,
    topic="Geography",
    your_answer=0,
    correct=False,
    earned=0,
    correct_answer=1,
    explanation="Sydney and Melbourne both wanted to be it; Canberra was founded in between.",
    response_time=8.04,
)
OWN = {
    events.GET_HISTORY: OwnHistory(
        [
            structs.replace(
                CANBERRA,
                round_number=3,
                question="What is 2 + 2?",
                options=["3", "4"],
                topic="Arithmetic",
                your_answer=1,
                correct=True,
                earned=1,
            ),
            CANBERRA,
            structs.replace(
                CANBERRA,
                round_number=1,
                question="Which planet of the solar system is the largest?",
                options=[],
                type=QuestionType.SHORT_TEXT,
                your_answer=None,
                correct_answer=["Jupiter"],
                correct_text="Jupiter",
            ),
        ]
    ),
    events.GET_PRACTICE: PracticeQuestions([CANBERRA, CANBERRA]),
    events.PRACTICE_ANSWER: PracticeResult(
        CANBERRA.question_id, 1, True, 1, 1, None, CANBERRA.explanation
    ),
}

Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the app remembers and logs out of the home folder."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def looks(request: pytest.FixtureRequest, snap_compare: Compare) -> Callable[[Scene], bool]:
    """Return what compares a scene with how it looked before."""

    def compare(scene: Scene) -> bool:
        app = StudentApp("http://192.168.1.20:5000", "TEST", clock=StoppedClock())

        async def run(pilot: Pilot[Any]) -> None:
            await until(lambda: isinstance(app.screen, JoinScreen) and app.focused)
            await scene(app, pilot)
            await settle(app, pilot)

        return snap_compare(app, terminal_size=request.param, run_before=run)

    return compare


Scene = Callable[[StudentApp, Pilot[Any]], Awaitable[None]]
Looks = Callable[[Scene], bool]


def result(chosen: int | None, *, correct: bool | None = None, key: int | None = 1) -> AnswerResult:
    return AnswerResult(
        correct=correct,
        correct_answer=key,
        your_answer=chosen,
        question_id=QUESTION.question_id,
        round_id=ROUND_ID,
        response_time=12.3,
        points=1 if correct else 0,
        total_points=3 if correct else 2,
        streak=2 if correct else 0,
        duplicate=False,
        explanation=EXPLANATION if key is not None else None,
    )


async def ask(app: StudentApp, *then: Event, question: NewQuestion = QUESTION) -> QuestionModal:
    await app.handle(JOINED)
    await app.handle(PresenceUpdated("TEST", 28))
    await app.handle(copy(question))  # the modal changes it when there is more time
    modal = app.screen
    assert isinstance(modal, QuestionModal)
    await until(lambda: app.focused)
    for event in then:
        await app.handle(event)
    return modal


async def choose(app: StudentApp, pilot: Pilot[Any], key: str) -> None:
    await pilot.press(key)
    modal = app.screen
    assert isinstance(modal, QuestionModal)
    await until(lambda: modal.chosen == "abcd".index(key), f"the option {key}")


async def tick(app: StudentApp, seconds: float) -> None:
    assert isinstance(app.clock, StoppedClock)
    app.clock.now += seconds
    countdown = app.screen.query_one(Countdown)
    digits = countdown.query_one(Digits)
    try:
        await until(lambda: digits.value == clock_face(countdown.left))
    except AssertionError:
        raise AssertionError(f"{digits.value} is shown, {countdown.left:g} s are left") from None


def tick_past_the_first_moment(app: StudentApp) -> None:
    assert isinstance(app.clock, StoppedClock)
    app.clock.now += 1


def test_the_join_form_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await pilot.press(*"S001")
        await until_shown(app, "S001")

    assert looks(scene)


async def fill_in(app: StudentApp, student_id: str) -> JoinScreen:
    """Fill the form in, and wait until it has heard of it: a refusal goes when a field changes."""
    form, values = app.screen, {"student_id": student_id, "name": "Alice Johnson"}
    assert isinstance(form, JoinScreen)
    for field, value in values.items():
        form.query_one(f"#{field}", Input).value = value
    await until(lambda: values.items() <= form._blamed.items(), "the form to hear of it")
    return form


def test_a_wrong_field_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await fill_in(app, "S 001")
        await pilot.press("enter")
        await until_shown(app, "! Only letters")

    assert looks(scene)


def test_waiting_for_the_teacher_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, _: Pilot[Any]) -> None:
        form = await fill_in(app, "S001")
        form.refuse(QuizError(Code.NOT_FOUND, "No such meeting.", "meeting_id"))

    assert looks(scene)


def test_the_waiting_room_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await app.handle(JOINED)
        await app.handle(PresenceUpdated("TEST", 28))

    assert looks(scene)


def test_a_leaderboard_looks_as_it_did(looks: Looks) -> None:
    places = [Place(1, "Swift Heron", 12, 2), Place(2, "Keen Badger", 9.5, -1)]
    places += [Place(2, "Merry Wolf", 9.5, None), Place(5, "Calm Otter", 7, 0, own=True)]

    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await app.handle(JOINED)
        await app.handle(PresenceUpdated("TEST", 28))
        await app.handle(Leaderboard(ROUND_ID, places, 28))

    assert looks(scene)


def test_a_question_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await choose(app, pilot, "b")

    assert looks(scene)


def test_a_question_in_light_colours_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        app.action_switch_colours()
        await ask(app)
        await choose(app, pilot, "b")

    assert looks(scene)


def test_a_program_and_long_options_look_as_they_did(looks: Looks) -> None:
    question = NewQuestion(
        **{field: getattr(QUESTION, field) for field in QUESTION.__struct_fields__}
        | {
            "question": "What does this print?\n\nfor i in range(3):\n    print(i, end=' ')\n"
            "else:\n    print('done')",
            "options": [
                "0 1 2 done, because the else of a loop runs when nothing broke out of it",
                "0 1 2",
                "done, and nothing else, because the loop's body belongs to its else",
                "A SyntaxError",
                "0 1 2 3 done",
            ],
        }
    )

    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app, question=question)

    assert looks(scene)


def test_enter_without_a_choice_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await tick(app, 1)
        await pilot.press("enter")
        await until_shown(app, "Choose an answer first.")

    assert looks(scene)


def test_the_last_five_seconds_look_as_they_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await choose(app, pilot, "b")
        await tick(app, 13)
        await until_shown(app, "!!")

    assert looks(scene)


def test_an_extension_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        later = to_timestamp(from_timestamp(NOW) + timedelta(seconds=30))
        # What is left differs by the time that the first message took.
        await ask(app, RoundExtended(ROUND_ID, later, 46.3, NOW))
        await until_shown(app, "+30 s more time")

    assert looks(scene)


def test_a_right_answer_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await choose(app, pilot, "b")
        await app.handle(result(1, correct=True))

    assert looks(scene)


def test_a_wrong_answer_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await choose(app, pilot, "c")
        await app.handle(result(2, correct=False))

    assert looks(scene)


def test_a_verdict_kept_back_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await choose(app, pilot, "c")
        await app.handle(result(2, key=None))

    assert looks(scene)


def test_time_up_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await tick(app, 18)
        await until_shown(app, "Time is up")
        await app.handle(StudentRoundClosed(ROUND_ID, CloseReason.TIME, result(None)))

    assert looks(scene)


def test_a_lost_connection_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app, ConnectionLost("transport close"))
        await choose(app, pilot, "b")

    assert looks(scene)


def test_an_answer_not_stored_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        modal = await ask(app, ConnectionLost("transport close"))
        await choose(app, pilot, "b")
        await tick(app, 18)
        modal.refuse(QuizError(Code.TOO_LATE, "Time was up before your answer arrived."))
        await until_shown(app, "(18 s)")

    assert looks(scene)


async def show_own(app: StudentApp, pilot: Pilot[Any], what: str) -> None:
    """Show the student's answers or practice, as a server would give them."""

    async def call(event: str, *_: object) -> Any:
        return OWN[event]

    await app.handle(JOINED)
    await app._lesson.show_own(what, call)
    await until(lambda: app.focused)


def test_my_answers_look_as_they_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await show_own(app, pilot, "answers")
        await pilot.press("down")
        await until_shown(app, "your answer")

    assert looks(scene)


def test_practice_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await show_own(app, pilot, "practice")
        await choose(app, pilot, "b")

    assert looks(scene)


def test_a_verdict_of_practice_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await show_own(app, pilot, "practice")
        await choose(app, pilot, "b")
        tick_past_the_first_moment(app)
        await pilot.press("enter")
        await until_shown(app, "✓ Correct")

    assert looks(scene)


def test_leaving_an_open_question_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: StudentApp, pilot: Pilot[Any]) -> None:
        await ask(app)
        await pilot.press("q")
        await until_shown(app, "Your question is still open.")

    assert looks(scene)
