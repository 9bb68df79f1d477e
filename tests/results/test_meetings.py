"""`livequiz meetings` on a data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from livequiz.db.opening import open_store
from tests.patience import patient
from tests.results.at_shell import livequiz
from tests.results.rasch_class import RaschClass, store_lesson


@pytest.mark.timeout(patient(240))
async def test_meetings_are_named_archived_and_deleted(tmp_path: Path) -> None:
    here = ("--data-dir", tmp_path)
    for words in (("list",), ("title", "X", "y")):
        _, said = await livequiz("meetings", *words, "--data-dir", tmp_path / "none", code=1)
        assert "There is no database in" in said
    assert not (tmp_path / "none").exists()
    async with open_store(tmp_path, None) as (store, _):
        await store_lesson(store, RaschClass(6, 9).lesson(2))
        await store.participants.open_meeting("OTHER", RaschClass(1, 1).meeting.created_at)
    await livequiz("meetings", "title", "k7qx4m", "Areas \x1b[31mand\n volumes", *here)
    await livequiz("meetings", "class", "K7QX4M", "8C", *here)
    listed, _ = await livequiz("meetings", "list", *here)
    for text in ("K7QX4M", "Areas", "volumes", "8C", "OTHER"):
        assert text in listed
    assert "\x1b[31m" not in listed
    await livequiz("meetings", "archive", "K7QX4M", *here)
    listed, said = await livequiz("meetings", "list", *here)
    assert "K7QX4M" not in listed
    assert "1 archived meeting is left out; livequiz meetings list --all shows them, too." in said
    assert "K7QX4M" in (await livequiz("meetings", "list", "--all", *here))[0]
    await livequiz("meetings", "archive", "K7QX4M", "--undo", *here)
    assert "K7QX4M" in (await livequiz("results", *here))[0]
    _, said = await livequiz("meetings", "delete", "K7QX4M", *here, typed="n\n", code=1)
    assert "Delete K7QX4M with all its answers?" in said
    _, said = await livequiz("meetings", "delete", "k7qx4m", "--yes", *here)
    assert said == ("Deleted K7QX4M: 6 participants, 12 student questions, 12 responses, 2 rounds.")
    for command in (("delete", "--yes"), ("archive",), ("title", "x")):
        _, said = await livequiz("meetings", command[0], "K7QX4M", *command[1:], *here, code=1)
        assert "There is no meeting K7QX4M." in said
    async with open_store(tmp_path, None) as (store, _):
        assert await store.questions.count() == 9
        assert await store.rounds.meeting_responses("K7QX4M") == []
