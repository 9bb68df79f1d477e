"""`livequiz results` on a data folder, with and without its server, and over REST."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from time import monotonic, sleep

import msgspec
import pytest

from livequiz.client.rest import RestClient
from livequiz.commands.output.results_tables import progress_bar
from livequiz.db.opening import open_store
from livequiz.results.build import build
from livequiz.results.lesson import Lesson, gather
from livequiz.results.report import Report
from livequiz.results.rest_source import RestSource
from livequiz.results.store_source import StoreSource
from tests.conftest import TOKEN, RunningServer
from tests.e2e.test_command_line import Server
from tests.patience import PATIENCE, patient
from tests.results.at_shell import livequiz
from tests.results.rasch_class import START, RaschClass, store_lesson


@pytest.fixture
async def lesson(server: RunningServer) -> Lesson:
    """A lesson of 12 students and 6 rounds in the server's database."""
    played = RaschClass(12, 20, absent=0.1).lesson(6)
    await store_lesson(server.store, played)
    return played


async def test_meetings_are_listed_and_one_is_shown(
    server: RunningServer, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ("--url", server.url, "--token", TOKEN)
    monkeypatch.setenv("COLUMNS", "160")
    listed, _ = await livequiz("results", *here)
    (row,) = (line for line in listed.splitlines() if "K7QX4M" in line)
    answers = [one for played in lesson.rounds for one in played.responses]
    right = round(100 * sum(one.correct for one in answers) / len(answers))
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        *("K7QX4M", "2026-09-14", "Sets and functions", "7B"),
        *("6", "12", str(len(answers)), f"{right} %"),
    ]
    assert len(answers) < 12 * 6  # some were absent
    shown, _ = await livequiz("results", "k7qx4m", *here)
    assert "# Sets and functions" in shown
    assert "| Student 001 |" in shown


async def test_rest_and_the_database_say_the_same(
    server: RunningServer, lesson: Lesson, tmp_path: Path
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


def without_time(content: str | bytes) -> Report:
    report = msgspec.json.decode(content, type=Report)
    report.made_at = START
    return report


@pytest.mark.timeout(patient(240))
async def test_a_data_folder_says_the_same_with_and_without_its_server(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    played = RaschClass(12, 20, absent=0.1).lesson(6)
    async with open_store(folder, None) as (store, _):
        await store_lesson(store, played)
    command = ("results", "k7qx4m", "--data-dir", folder, "-o", "-")
    before, _ = await livequiz(*command)
    server = Server(folder, "--port", "0", "--meeting", "OTHER")
    try:
        beside, _ = await livequiz(*command)
        token = (folder / "instructor-token").read_text().strip()
        asked, _ = await livequiz(*command, "--url", server.url, "--token", token)
    finally:
        server.stop()
    report = without_time(before)
    assert report == without_time(beside) == without_time(asked)
    assert report == without_time(msgspec.json.encode(build(played, START)))
    assert without_time((await livequiz(*command))[0]) == report


async def test_options_say_what_is_reported(
    server: RunningServer, lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ("results", "K7QX4M", "--url", server.url, "--token", TOKEN)
    out, _ = await livequiz(*command, "-o", "-")
    whole = without_time(out)

    out, _ = await livequiz(*command, "--round", 3, "--output", "-")
    third = without_time(out)
    assert [line.round for line in third.rounds] == [3]
    expected = [line for line in whole.responses if line.round == 3]
    assert third.responses == expected
    assert len(expected) == 12
    assert sum(line.n for line in third.questions) == sum(line.answered for line in expected)

    out, _ = await livequiz(*command, "--student", "S005", "-o", "-")
    one = without_time(out)
    assert [line.student_id for line in one.students] == ["S005"]
    assert one.responses == [line for line in whole.responses if line.student_id == "S005"]
    assert one.questions == whole.questions  # still those of all
    _, said = await livequiz(*command, "--student", "S013", code=1)
    assert "Nobody with the id S013 took part." in said

    out, _ = await livequiz(*command, "--anonymous", "-o", "-")
    nobody = without_time(out)
    assert nobody.anonymous
    assert "S0" not in out
    assert "Student 0" not in out
    assert {line.student_id for line in nobody.students} == {str(n) for n in range(1, 13)}
    assert sorted(line.points for line in nobody.students) == sorted(
        line.points for line in whole.students
    )

    out, _ = await livequiz(*command, "-r", 2, "--format", "csv", "-o", "-")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    answered = [(r.student_id, r.response_time) for r in lesson.rounds[1].responses]
    assert len(rows) == 12
    assert sorted(answered) == sorted(
        (row["student_id"], float(row["response_time"]))
        for row in rows
        if row["answered"] == "TRUE"
    )

    _, said = await livequiz(*command, "--format", "md", "--title", "Lesson 1")
    assert "Wrote livequiz-K7QX4M.md." in said
    assert Path("livequiz-K7QX4M.md").read_text().startswith("# Lesson 1\n")
    _, said = await livequiz(*command, "--format", "md", code=1)
    assert "livequiz-K7QX4M.md already exists; use --force to overwrite it." in said
    await livequiz(*command, "--format", "md", "--force")
    assert Path("livequiz-K7QX4M.md").read_text().startswith("# Sets and functions\n")
    for name, begins in (("a.html", b"<!doctype html>"), ("a.xlsx", b"PK"), ("a.json", b"{")):
        await livequiz(*command, "-o", name)
        assert Path(name).read_bytes().lower().startswith(begins.lower())
    assert without_time(Path("a.json").read_bytes()) == whole
    await livequiz(*command, "-o", "odd.txt", "-f", "json")
    assert without_time(Path("odd.txt").read_bytes()) == whole
    Path("there").mkdir()
    _, said = await livequiz(*command, "-o", "there/no/a.json", code=1)
    assert "can't be written: No such file or directory." in said


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
    server: RunningServer, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
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
