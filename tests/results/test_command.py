"""`livequiz results` on a data folder, with and without its server, and over REST."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep

import msgspec
import pytest

from livequiz.client.rest import RestClient
from livequiz.commands.output.results_tables import progress_bar
from livequiz.results.build import build
from livequiz.results.lesson import gather
from livequiz.results.report import Report
from livequiz.results.rest_source import RestSource
from livequiz.results.store_source import StoreSource
from tests.conftest import TOKEN, RunningServer
from tests.patience import PATIENCE
from tests.results.at_shell import livequiz
from tests.results.rasch_class import RaschClass, store_lesson


@pytest.fixture
async def lesson(server: RunningServer) -> RaschClass:
    """A lesson of 12 students and 6 rounds in the server's database."""
    school = RaschClass(12, 20, absent=0.1)
    await store_lesson(server.store, school.lesson(6))
    return school


async def test_meetings_are_listed_and_one_is_shown(
    server: RunningServer, lesson: RaschClass
) -> None:
    here = ("--url", server.url, "--token", TOKEN)
    listed, _ = await livequiz("results", *here)
    assert "K7QX4M" in listed
    assert "2026-09-14" in listed
    shown, _ = await livequiz("results", "k7qx4m", *here)
    assert "# Sets and functions" in shown
    assert "| Student 001 |" in shown


async def test_rest_and_the_database_say_the_same(
    server: RunningServer, lesson: RaschClass, tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    await livequiz("results", "K7QX4M", "--url", server.url, "--token", TOKEN, "-o", file)
    over_rest = msgspec.json.decode(file.read_bytes(), type=Report)
    found = await gather(StoreSource(server.store), ["K7QX4M"])
    from_database = build(found, over_rest.made_at)
    assert len(over_rest.responses) == 12 * 6
    assert over_rest == msgspec.json.decode(msgspec.json.encode(from_database), type=Report)
    # The same questions in rounds that are not in the report say how difficult they are.
    asked, but = list(lesson.questions)[:12], {found.rounds[0].round.id}
    async with RestClient(server.url, TOKEN) as client:
        rest = await RestSource(client).answers_to(asked, but, 500)
        few = await RestSource(client).answers_to(asked, but, 5)
    store = await StoreSource(server.store).answers_to(asked, but, 500)
    assert {(r.round_id, r.student_id, r.question_id) for r in rest} == {
        (r.round_id, r.student_id, r.question_id)
        for played in found.rounds[1:]
        for r in played.responses
        if r.question_id in asked
    }
    assert sorted(rest, key=str) == sorted(store, key=str)
    newest = found.rounds[-1].round.id
    assert {r.round_id for r in few} == {newest}
    assert {r.round_id for r in await StoreSource(server.store).answers_to(asked, but, 5)} == {
        newest
    }


async def test_what_is_not_there_is_a_sentence(server: RunningServer, tmp_path: Path) -> None:
    here = ("--url", server.url, "--token", TOKEN)
    _, said = await livequiz("results", *here)
    assert "No class has taken place." in said
    _, said = await livequiz("results", "NONE", *here, code=1)
    assert "There is no meeting NONE." in said
    _, said = await livequiz("results", "NONE", "--url", server.url, "--token", "wrong", code=1)
    assert "token" in said
    _, said = await livequiz("results", "NONE", "--url", server.url, code=1)
    assert "needs its instructor token" in said
    _, said = await livequiz("results", "NONE", "--data-dir", tmp_path / "nothing", code=1)
    assert "There is no database in" in said
    assert not (tmp_path / "nothing").exists()
    _, said = await livequiz("results", "NONE", "-o", "results.txt", *here, code=1)
    assert "has no suffix that names a format" in said


async def test_the_command_shows_how_much_it_has_read(
    server: RunningServer, lesson: RaschClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ("results", "K7QX4M", "--url", server.url, "--token", TOKEN, "-o", "-")
    _, said = await livequiz(*here)
    assert said == ""
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in a terminal
    _, said = await livequiz(*here)
    assert "Reading rounds" in said


def test_a_bar_comes_by_itself_if_work_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown, end = "", monotonic() + PATIENCE
    with progress_bar("Computing", after=0.01):
        while "Computing" not in shown and monotonic() < end:
            sleep(0.01)
            shown += capsys.readouterr().err
    assert "Computing" in shown


def test_a_bar_shows_only_work_that_takes_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in a terminal
    for after, shown in ((0.0, True), (1_000.0, False)):
        with progress_bar("Writing", after=after) as progress:
            progress(1, 2)
        assert ("Writing" in capsys.readouterr().err) == shown
    monkeypatch.delenv("FORCE_COLOR")
    with progress_bar("Writing") as progress:
        progress(1, 2)
    assert capsys.readouterr().err == ""
