"""What the class may see: how to join at any time, the time, and no key before the teacher asks."""

from __future__ import annotations

from pathlib import Path

import pytest
import segno

from livequiz.client.projector import ProjectorClient
from livequiz.domain.errors import QuizError
from livequiz.domain.model import NamesAs
from livequiz.protocol.leaderboard import Leaderboard, Place
from livequiz.protocol.messages import NewQuestion
from livequiz.protocol.projection import ProjectedRound, Projection
from livequiz.tui.projector.app import ProjectorApp
from livequiz.tui.widgets.big_code import BigCode, large_letters
from livequiz.tui.widgets.qr_code import QrCode, qr_rows
from tests.conftest import PROJECTOR, RunningServer
from tests.helpers import bank, next_of
from tests.tui.at_instructor import dashboard, send
from tests.tui.looking import text_of, until, until_shown


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_latecomers_are_shown_how_to_join_in_mid_round(
    server: RunningServer, size: tuple[int, int]
) -> None:
    await server.instructor("TEST")
    server.service.queries.ssh_port = 2222
    await server.import_questions(bank(3))
    await server.student("S001", "Ann")
    async with dashboard(server, size) as (app, pilot):
        await send(app, pilot)
        await pilot.press("j")
        await until_shown(app, f"livequiz student {server.url} --meeting TEST")
        await until_shown(app, "ssh -p 2222 TEST@127.0.0.1")
        await until_shown(app, "1 student is here")
        await server.student("S002", "Bob")
        await until_shown(app, "2 students are here")
        await pilot.press("j")
        await until(lambda: "ssh -p" not in text_of(app))
        assert "Ann" in text_of(app)


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (240, 67)])
async def test_the_class_sees_the_time_and_the_results_only_when_the_teacher_says_so(
    server: RunningServer, size: tuple[int, int]
) -> None:
    teacher = await server.instructor("TEST")
    explained = {**bank(1)[0], "explanation": "Count them.", "topics": ["Sums"]}
    await server.import_questions([explained])
    students = [await server.student(f"S00{n}", name) for n, name in enumerate(["Ann", "Bob"])]
    async with dashboard(server, size) as (app, pilot):
        await until_shown(app, "2 students are here")
        await pilot.press("p")
        await until_shown(app, f"{server.url}/?m=TEST")
        assert app.screen.query_one(QrCode).outer_size.width > 28
        await teacher.trigger(duration=600)
        await until_shown(app, "of 2 answered")
        assert app.screen.query_one("#time", BigCode).size.height > 10
        for place, student in enumerate(students):
            question = await next_of(student, NewQuestion)
            await student.answer(question.question_id, question.round_id, place, spent=1)
        await until_shown(app, "Round 1 is over")
        assert "right" not in text_of(app)
        await pilot.press("enter")
        await until_shown(app, "Sums")
        assert "50%   1 of 2" in text_of(app).replace("\u00a0", " ")
        await until_shown(app, "The hardest question: 1 of 2 right")
        await until_shown(app, "Count them.")
        assert not {"Ann", "Bob", "S000"} & set(text_of(app).split())
        await teacher.trigger(duration=600, allow_repeats=True)
        await until(lambda: "Sums" not in text_of(app))
        await teacher.close_round()
        await until_shown(app, "Round 2 is over")
        assert "Sums" not in text_of(app)
        await pilot.press("j")
        await until_shown(app, "Open in any browser")
        await pilot.press("j", "escape")
        await until_shown(app, "Ann")


def test_the_code_holds_the_address() -> None:
    """Read back by its definition: the modules of segno's own, two to a character."""
    address = "http://192.168.1.20:5000/?m=K7QX4M"
    modules = [list(row) for row in segno.make(address, micro=False, error="l", boost_error=False)
               .matrix_iter(border=0)]  # fmt: skip
    shown = [
        [mark in marks for mark in row]
        for row in qr_rows(address)
        for marks in ("\u2580\u2588", "\u2584\u2588")
    ]
    assert shown[: len(modules)] == [[bool(module) for module in row] for row in modules]


async def test_a_teacher_on_the_servers_machine_shows_the_address_that_students_can_reach(
    server: RunningServer,
) -> None:
    """It was 127.0.0.1, which every student's machine takes for itself."""
    server.service.queries.address = "http://192.168.1.20:5000"
    await server.instructor("TEST")
    async with dashboard(server) as (app, pilot):
        await until_shown(app, "http://192.168.1.20:5000/?m=TEST")
        assert "127.0.0.1" not in text_of(app)
        await pilot.press("p")
        await until_shown(app, "livequiz student http://192.168.1.20:5000 --meeting TEST")


async def test_a_projector_of_its_own_follows_the_lesson(server: RunningServer) -> None:
    teacher = await server.instructor("TEST")
    server.service.queries.address = server.url
    await server.import_questions([{**bank(1)[0], "topics": ["Sums"]}])
    student = await server.student("S001", "Ann")
    async with ProjectorClient(server.url, "test", PROJECTOR) as client:
        app = ProjectorApp(client, await client.projection())
        async with app.run_test(size=(80, 24)) as pilot:
            await until_shown(app, f"{server.url}/?m=TEST")
            await teacher.trigger(duration=600)
            await until_shown(app, "of 1 answered")
            question = await next_of(student, NewQuestion)
            await student.answer(question.question_id, question.round_id, 0, spent=1)
            await until_shown(app, "Round 1 is over")
            await pilot.press("enter")
            await server.stop()
            await until_shown(app, "or it does not answer.")
            assert "Sums" not in text_of(app)
            await server.start()
            await until(lambda: "does not answer" not in text_of(app))
            async with dashboard(server) as (teachers, at_dashboard):
                await until_shown(teachers, "Ann")
                await at_dashboard.press("a")
                await until_shown(teachers, "Projectors show the results. Press a to hide them.")
                await until_shown(app, "Sums")
                await at_dashboard.press("a")
                await until_shown(teachers, "Projectors no longer show the results.")
                await until(lambda: "Sums" not in text_of(app))
                await at_dashboard.press("p", "enter", "enter")  # the second one hides nothing
                await until_shown(teachers, "One to talk about")
            await until_shown(app, "Sums")
            assert "Ann" not in text_of(app)
            await pilot.press("q")
        assert app.return_code == 0


async def test_the_leaderboard_is_above_the_results_until_it_is_taken_away(
    server: RunningServer,
) -> None:
    teacher = await server.instructor("TEST")
    await server.import_questions([{**bank(1)[0], "topics": ["Sums"]}])
    students = [await server.student(f"S00{n}", name) for n, name in enumerate(["Ann", "Zoë"])]
    async with ProjectorClient(server.url, "test", PROJECTOR) as client:
        app = ProjectorApp(client, await client.projection())
        async with app.run_test(size=(80, 24)) as pilot:
            await teacher.trigger(duration=600)
            for place, student in enumerate(students):
                question = await next_of(student, NewQuestion)
                await student.answer(question.question_id, question.round_id, place, spent=1)
            await until_shown(app, "Round 1 is over")
            await teacher.show_leaderboard()
            await until_shown(app, "Leaderboard   2 students")
            await until_shown(app, "Ann")
            await until_shown(app, "Zoë")
            assert "Sums" not in text_of(app)
            await teacher.show_results()
            await until_shown(app, "Sums")
            await pilot.press("home")
            await until_shown(app, "Leaderboard")
            await teacher.show_leaderboard(top=0)
            await until(lambda: "Ann" not in text_of(app))
            assert all(row in text_of(app) for row in large_letters("Your place is on", "pagga"))
            await teacher.show_leaderboard(top=5, names=NamesAs.INITIALS)
            await until_shown(app, large_letters("Z.")[0])
            await teacher.show_leaderboard(shown=False)
            await until(lambda: "Leaderboard" not in text_of(app))
            await until_shown(app, "Sums")
            await teacher.show_leaderboard()
            await teacher.trigger(duration=600, allow_repeats=True)
            await until_shown(app, "of 2 answered")
            await teacher.close_round()
            await until_shown(app, "Round 2 is over")
            assert "Leaderboard" not in text_of(app)


class Said:
    """Says always the same."""

    def __init__(self, board: Leaderboard) -> None:
        quiz = ProjectedRound("0" * 24, 3, False, 0, 28, 28, leaderboard=board)
        self.said = Projection("TEST", 28, round=quiz)

    async def projection(self) -> Projection:
        return self.said


NAMES = ["Bob", "Alexandra", "Cy", "Dan", "Eve"]
PLACES = [
    Place(rank, name, points, move)
    for rank, name, points, move in zip(
        (1, 2, 2, 4, 5), NAMES, (12, 9.5, 9.5, 3, 1), (2, -1, 0, None, 10), strict=True
    )
]


@pytest.mark.parametrize(
    ("size", "font"),
    [((80, 24), "pagga"), ((160, 48), "ansi_regular"), ((240, 67), "ansi_regular")],
)
async def test_places_are_as_large_as_fits_and_say_moves_without_colour(
    size: tuple[int, int], font: str
) -> None:
    source = Said(Leaderboard("0" * 24, PLACES, 28))
    app = ProjectorApp(source, source.said)
    async with app.run_test(size=size):
        await until_shown(app, "Leaderboard   28 students")
        shown = text_of(app)
        for place in PLACES:
            for words in (place.name, f"{place.points:g}"):
                assert all(row.rstrip("\u00a0") in shown for row in large_letters(words, font))
        moves = ["▲ 2", "▼ 1", "=", "new", "▲ 10"]
        if size[0] > 120:
            moves = ["\u00a0▄█▄\u00a0", "\u00a0▀█▀\u00a0", "▄▄▄▄", *large_letters("new", "pagga")]
        assert all(move.replace(" ", "\u00a0") in shown for move in moves)
        assert app.screen.query_one("#results").max_scroll_y == 0


async def test_a_name_without_large_letters_is_no_smaller_than_the_others() -> None:
    places = [Place(1, "Bob", 3, 1), Place(1, "Łukasz", 3, 0), Place(3, "Cy", 1, -1)]
    source = Said(Leaderboard("0" * 24, places, 3))
    app = ProjectorApp(source, source.said)
    async with app.run_test(size=(160, 48)):
        await until_shown(app, "Łukasz")
        assert "Bob" in text_of(app)


async def test_a_long_leaderboard_has_its_first_places_large_and_scrolls() -> None:
    places = [Place(max(n, 2) - 1, f"Kim {n}", 60 - n, n % 3 - 1) for n in range(1, 31)]
    source = Said(Leaderboard("0" * 24, places, 30))
    app = ProjectorApp(source, source.said)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "Kim 5 ")
        assert "Kim 1 " not in text_of(app)  # in large letters
        assert "Kim 30" not in text_of(app)
        await pilot.press("end")
        await until_shown(app, "Kim 30")


async def test_a_projector_without_a_right_token_gets_a_sentence(server: RunningServer) -> None:
    await server.instructor("TEST")
    async with ProjectorClient(server.url, "TEST", "wrong") as client:
        with pytest.raises(QuizError, match="The projector token is missing or wrong"):
            await client.projection()


async def test_a_narrow_window_has_places_line_by_line_and_cuts_nothing_off() -> None:
    source = Said(Leaderboard("0" * 24, PLACES, 28))
    app = ProjectorApp(source, source.said)
    async with app.run_test(size=(44, 18)):
        await until_shown(app, "Alexandra")
        lines = [line.split() for line in text_of(app).split("\n")]
        assert ["2", "Alexandra", "9.5", "points", "▼", "1"] in lines
