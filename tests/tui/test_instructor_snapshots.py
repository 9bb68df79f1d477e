"""How the instructor's screens look, at two sizes; the clock stands still.

After a wanted change: `pytest tests/tui/test_instructor_snapshots.py --snapshot-update`, then
look at what changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from livequiz.bank.formats import read_whole
from livequiz.client.event_types import ConnectionLost
from livequiz.domain.model import (
    AssignmentStatus,
    CloseReason,
    Difficulty,
    Presence,
    QuestionType,
    Reveal,
    RoundState,
)
from livequiz.protocol.messages import (
    Hardest,
    Preview,
    QuestionStats,
    RoundStats,
    RoundSummary,
    Slowest,
)
from livequiz.protocol.requests import RoundRequest
from livequiz.protocol.snapshot import (
    AssignmentRow,
    QuestionDetail,
    RoundDetail,
    Snapshot,
    StudentRow,
)
from livequiz.simulation.students import people
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.join import InstructorJoin
from livequiz.tui.instructor.remove import RemoveDialog
from livequiz.tui.instructor.send import SendDialog
from tests.tui.looking import StoppedClock, settle, until, until_shown

SIZES = [(80, 24), (120, 40)]
NOW = "2026-01-15T10:05:15.123Z"
CLASS = people(28)
ANSWERED = 19
SIXTY = read_whole(Path(__file__).with_name("sixty.json")).drafts
TOPICS = ["Geography", "History", "Language", "Mathematics", "Programming", "Science"]

Compare = Callable[..., bool]
Scene = Callable[[InstructorApp, Pilot[Any]], Awaitable[None]]
Looks = Callable[[Scene], bool]


def snapshot(students: int, round_number: int = 0, *, closed: bool = False) -> Snapshot:
    """Return a meeting with so many students, in or after a round if it has a number."""
    roster = [
        StudentRow(student_id, name, Presence.INACTIVE if n == 3 else Presence.ACTIVE, NOW, 0, 0, 1)
        for n, (student_id, name) in enumerate(CLASS[:students])
    ]
    rows = [_row(number) for number in range(students)] if round_number else []
    return Snapshot(
        meeting_id="K7QX4M",
        locked=False,
        server_time=NOW,
        bank=60,
        topics=TOPICS,
        students=roster,
        round=_round(round_number, closed=closed) if round_number else None,
        assignments=rows,
        questions=[_question(number) for number in range(len(rows))],
    )


def _key(number: int) -> int:
    key = SIXTY[number].correct
    assert isinstance(key, int)
    return key


def _row(number: int) -> AssignmentRow:
    student_id, name = CLASS[number]
    answered = number < ANSWERED and number != 3
    right = number % 4 != 2
    key = _key(number)
    return AssignmentRow(
        student_id=student_id,
        name=name,
        question_id=f"{number:024x}",
        status=AssignmentStatus.ANSWERED if answered else AssignmentStatus.SENT,
        answer=(key if right else (key + 1) % 4) if answered else None,
        correct=right if answered else None,
        response_time=3.1 + number * 0.7 if answered else None,
        timestamp=NOW if answered else None,
    )


def _question(number: int) -> QuestionDetail:
    draft = SIXTY[number]
    row = _row(number)
    responses = int(row.correct is not None)
    return QuestionDetail(
        question_id=f"{number:024x}",
        question=draft.text,
        options=list(draft.options),
        correct=_key(number),
        type=QuestionType.SINGLE,
        points=1,
        topics=list(draft.topics),
        difficulty=draft.difficulty,
        explanation=draft.explanation,
        stats=QuestionStats(
            f"{number:024x}",
            responses,
            int(bool(row.correct)),
            100.0 * bool(row.correct) if responses else None,
        ),
    )


def _round(number: int, *, closed: bool) -> RoundDetail:
    stats = RoundStats(28, 18, 14, 77.8, 8.2)
    summary = RoundSummary(
        stats=stats,
        questions=[],
        unanswered=[student_id for student_id, _ in CLASS[19:]],
        hardest=Hardest("x", "What is the capital of Australia?", 3, 0, 0.0),
        slowest=Slowest("S019", CLASS[18][1], 15.7),
    )
    return RoundDetail(
        round_id="r",
        round_number=number,
        state=RoundState.CLOSED if closed else RoundState.OPEN,
        reason=CloseReason.TIME if closed else None,
        opened_at=NOW,
        deadline=NOW,
        duration=30,
        remaining=0 if closed else 17,
        draw_seed=1,
        distinct=True,
        reveal=Reveal.AT_ONCE,
        warnings=[],
        stats=stats,
        summary=summary if closed else None,
    )


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the app remembers and logs out of the home folder."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def looks(request: pytest.FixtureRequest, snap_compare: Compare) -> Looks:
    """Return what compares a scene with how it looked before."""

    def compare(scene: Scene) -> bool:
        app = InstructorApp("http://192.168.1.20:5000", clock=StoppedClock())

        async def run(pilot: Pilot[Any]) -> None:
            await until(lambda: isinstance(app.screen, InstructorJoin) and app.focused)
            await scene(app, pilot)
            await settle(app, pilot)

        return snap_compare(app, terminal_size=request.param, run_before=run)

    return compare


async def show(app: InstructorApp, state: Snapshot, words: str) -> None:
    await app.show(state)
    await until(lambda: isinstance(app.screen, Dashboard))
    dashboard = app.screen
    assert isinstance(dashboard, Dashboard)
    # Its focus comes after its first frame, and would be a dialog's if that were quicker.
    await until(lambda: dashboard.folded or dashboard.focused, "the focus")
    await until_shown(app, words)
    # In the lobby of a narrow screen there is nothing to choose from.
    await until(lambda: app.focused or app.size.width < 120, "something that has the focus")
    # What a dialog is pushed over keeps the styles that it has by then.
    await settle(app, Pilot(app))


def test_the_form_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await until_shown(app, "Teach a class")

    assert looks(scene)


def test_an_empty_meeting_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(0), "Nobody is here yet")

    assert looks(scene)


def test_a_waiting_class_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28), "27 students are here")

    assert looks(scene)


def test_a_running_round_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28, 4), "Alice Johnson")

    assert looks(scene)


@pytest.mark.parametrize("view", ["2", "3"])
def test_the_lists_look_as_they_did(looks: Looks, view: str) -> None:
    async def scene(app: InstructorApp, pilot: Pilot[Any]) -> None:
        await show(app, snapshot(28, 4), "Alice Johnson")
        await pilot.press(view)
        dashboard = app.screen
        name = {"2": "-view-here", "3": "-view-figures"}[view]
        await until(lambda: dashboard.has_class(name))

    assert looks(scene)


def test_a_closed_round_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28, 4, closed=True), "time is up")

    assert looks(scene)


def test_an_open_row_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, pilot: Pilot[Any]) -> None:
        await show(app, snapshot(28, 4), "Alice Johnson")
        await pilot.press("down", "down", "enter")
        await until_shown(app, "chosen")

    assert looks(scene)


@pytest.mark.parametrize("matching", [60, 19, 0])
def test_the_send_dialog_looks_as_it_did(looks: Looks, matching: int) -> None:
    async def ask(_: RoundRequest) -> Preview:
        return Preview(28, matching, max(0, 28 - matching), 60, TOPICS, [])

    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28), "27 students are here")
        await app.push_screen(SendDialog(RoundRequest(), TOPICS, ask))
        await until_shown(app, "28 students here")

    assert looks(scene)


def test_a_send_dialog_that_leaves_students_out_looks_as_it_did(looks: Looks) -> None:
    names = ", ".join(name for _, name in CLASS[:3])
    told = (
        f"{names} and 2 more get no question: their programs show only single-choice and "
        "true/false questions, and none of them match. Choose other filters, or add such "
        "questions."
    )

    async def ask(_: RoundRequest) -> Preview:
        return Preview(28, 60, 0, 60, TOPICS, [told], left_out=5)

    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28), "27 students are here")
        await app.push_screen(SendDialog(RoundRequest(), TOPICS, ask))
        await until_shown(app, "everyone else")

    assert looks(scene)


@pytest.mark.parametrize("opened", [False, True])
def test_students_who_left_look_as_they_did(looks: Looks, opened: bool) -> None:
    """They are folded into one line once the round that they were last seen in is over."""
    state = snapshot(28, 4)
    for row in state.students[:12]:
        row.status = Presence.INACTIVE
    state.assignments = state.assignments[12:]

    async def scene(app: InstructorApp, pilot: Pilot[Any]) -> None:
        await show(app, state, "16 here")
        await pilot.press("2", "end", *(["enter"] if opened else []))
        await until_shown(app, "○ Alice" if opened else "▸")

    assert looks(scene)


def test_a_send_dialog_that_keeps_a_filter_looks_as_it_did(looks: Looks) -> None:
    async def ask(_: RoundRequest) -> Preview:
        return Preview(28, 60, 0, 60, TOPICS, [])

    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28), "27 students are here")
        settings = RoundRequest(
            duration=30,
            topics=["Mathematics"],
            difficulty=Difficulty.HARD,
            reveal=Reveal.AFTER_ROUND,
        )
        await app.push_screen(SendDialog(settings, TOPICS, ask))
        await until_shown(app, "28 students here")
        await until_shown(app, "Only: Mathematics, hard")

    assert looks(scene)


def test_the_remove_dialog_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28, 4), "Alice Johnson")
        await app.push_screen(RemoveDialog("Alice Johnson", "S001"))
        await until_shown(app, "Remove Alice Johnson")

    assert looks(scene)


def test_a_lost_connection_looks_as_it_did(looks: Looks) -> None:
    async def scene(app: InstructorApp, _: Pilot[Any]) -> None:
        await show(app, snapshot(28, 4), "Alice Johnson")
        await app.handle(ConnectionLost("transport close"))
        await until_shown(app, "no connection")

    assert looks(scene)
