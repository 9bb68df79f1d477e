"""What the student's form says to who is not on the roster."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from livequiz.server.quiz.roster import Roster
from livequiz.server.quiz.service import Policy
from livequiz.tui.student.app import StudentApp
from tests.conftest import TOKEN, RunningServer
from tests.tui.looking import text_of, until, until_shown


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, roster=Roster({"S001": "Alice Johnson"}))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("S404", "The id S404 is not on the class list; check it, or ask your teacher to add it."),
        (
            "s001",
            "The class list has S001, not s001: "
            "type the id with the same capital and small letters.",
        ),
    ],
)
async def test_who_is_not_on_the_roster_reads_so_beside_the_id_and_can_mend_it(
    server: RunningServer, typed: str, sentence: str, size: tuple[int, int]
) -> None:
    await server.instructor()
    app = StudentApp(server.url, "TEST", typed, "Ali")
    async with app.run_test(size=size) as pilot:
        await until(lambda: f"! {sentence}" in " ".join(text_of(app).split()), sentence)
        await until(lambda: app.focused is not None and app.focused.id == "student_id")
        assert "Trying again" not in text_of(app)
        assert isinstance(app.focused, Input)
        app.focused.select_all()
        await pilot.press(*"S001", "enter")
        await until_shown(app, "You are in, Alice Johnson.")
