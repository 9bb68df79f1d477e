"""`livequiz results --class` and `--all`, on a data folder and over REST."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from livequiz.db.opening import open_store
from livequiz.db.store import Store
from livequiz.domain.model import Meeting
from livequiz.results.lesson import Lesson
from livequiz.results.report import Report
from tests.conftest import TOKEN, RunningServer
from tests.patience import patient
from tests.results.at_shell import livequiz
from tests.results.rasch_class import START, RaschClass, question, store_lesson

CLASSES = {"FIRST": "7B", "SECOND": "7B", "OTHER": "8C / Physics", "NONE": ""}


async def store_meetings(store: Store) -> None:
    """Store a meeting of one round for each code, numbered from 1; the second one is archived."""
    for number, (code, class_name) in enumerate(CLASSES.items(), start=1):
        meeting = Meeting(code, START, class_name=class_name)
        school = RaschClass(4, 0, meeting=meeting)
        asked = question(number)
        school.questions, school.difficulties = {asked.id: asked}, {asked.id: 0.0}
        played = school.play(number, dict.fromkeys(school.abilities, asked.id))
        await store_lesson(
            store, Lesson([meeting], school.students, [played], dict(school.questions))
        )
    await store.participants.set_setting("SECOND", "archived", True)


async def reported(*arguments: object) -> Report:
    """Return the report that a command writes to standard output."""
    out, _ = await livequiz("results", *arguments, "-o", "-")
    return msgspec.json.decode(out, type=Report)


async def check(*here: object) -> None:
    """Compare reports on a class, and on all meetings."""
    of_class = await reported("--class", "7B", *here)
    assert {line.meeting_id for line in of_class.meetings} == {"FIRST", "SECOND"}
    assert of_class.title == "7B: 2 meetings"
    assert [line.assigned for line in of_class.students] == [2] * 4
    of_all = await reported("--all", *here)
    assert {line.meeting_id for line in of_all.meetings} == set(CLASSES)
    assert of_all.title == "4 meetings"
    assert len(of_all.responses) == 16
    assert len((await reported("--class", "8C / Physics", "--round", 3, *here)).rounds) == 1
    for words in (("--class", "7B"), ("--all",), ("FIRST", "second")):
        _, said = await livequiz("results", *words, "--round", 1, *here, code=1)
        assert "--round takes a round of one meeting" in said
    _, said = await livequiz("results", "--class", "7b", *here, code=1)
    assert said == (
        "No meeting belongs to class 7b; `livequiz results` lists them with their classes."
    )


@pytest.mark.timeout(patient(240))
async def test_a_class_and_all_meetings_of_a_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    async with open_store(folder, None) as (store, _):
        await store_meetings(store)
    await check("--data-dir", folder)
    monkeypatch.chdir(tmp_path)
    await livequiz("results", "--class", "8C / Physics", "-f", "csv", "--data-dir", folder)
    await livequiz("results", "--all", "-f", "md", "--data-dir", folder)
    await livequiz("results", "--class", "7B", "--gradebook", "csv", "-o", "grades.csv",
                   "--data-dir", folder)  # fmt: skip
    names = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert names == {"livequiz-8C-Physics.csv", "livequiz-all.md", "grades.csv"}
    assert len((tmp_path / "grades.csv").read_text().splitlines()) == 5


async def test_a_class_and_all_meetings_of_a_server(server: RunningServer) -> None:
    here = ("--url", server.url, "--token", TOKEN)
    _, said = await livequiz("results", "--all", *here, code=1)
    assert said == "No class has taken place."
    await store_meetings(server.store)
    await check(*here)


@pytest.mark.parametrize(
    "words", [("--class", "7B", "--all"), ("FIRST", "--all"), ("FIRST", "--class", "7B")]
)
async def test_meetings_are_named_in_one_way(words: tuple[str, ...], tmp_path: Path) -> None:
    _, said = await livequiz("results", *words, "--data-dir", tmp_path, code=1)
    assert said == "Name meetings by their codes, by --class or with --all: only one of these."
    _, said = await livequiz("results", "--class", "", "--data-dir", tmp_path, code=1)
    assert said == "--class needs the name of a class; `livequiz results` lists them."
