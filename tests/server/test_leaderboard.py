"""The leaderboard: seen when the teacher shows it, by whom, and with which names."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import NamesAs
from livequiz.protocol.leaderboard import Leaderboard, LeaderboardShown
from livequiz.protocol.messages import Joined, NewQuestion, RoundClosed
from tests.conftest import PROJECTOR, RunningServer
from tests.contract import shapes
from tests.contract.resources import Api
from tests.contract.shapes import assert_shape
from tests.helpers import Json, bank, next_of
from tests.server.bare import http

NAMES = ["Alice Johnson", "Bob", "Carla", "Dan", "Eve", "Finn"]


class Class:
    """Six students who answer as they are told."""

    def __init__(
        self, server: RunningServer, teacher: InstructorSession, students: list[StudentSession]
    ) -> None:
        self.server = server
        self.teacher = teacher
        self.students = students

    async def play(self, right: str) -> str:
        """Play a round; return its id.

        Args:
            right: A letter for each student: `+` for a right answer, `-` for a wrong one.
        """
        await self.teacher.trigger(duration=600)
        for sign, student in zip(right, self.students, strict=True):
            question = await next_of(student, NewQuestion)
            answer = 1 if sign == "+" else 0
            await student.answer(question.question_id, question.round_id, answer, spent=1)
        return (await next_of(self.teacher, RoundClosed)).round_id

    async def back(self, place: int) -> Joined:
        """Let a student come back with another connection; return the reply."""
        student = self.students[place]
        assert student.joined is not None
        again = StudentSession(self.server.url)
        self.server.sessions.append(again)
        await again.open()
        token = student.joined.resume_token
        return await again.join(student.joined.student_id, "TEST", NAMES[place], token)

    async def boards(self) -> list[list[tuple[int, str, float, int | None, bool]]]:
        """Return what each student is shown."""
        return [
            [
                (place.rank, place.name, place.points, place.move, place.own)
                for place in (await next_of(student, Leaderboard)).places
            ]
            for student in self.students
        ]


@pytest.fixture
async def six(server: RunningServer) -> Class:
    teacher = await server.instructor("TEST")
    await server.import_questions(bank(40))
    students = [await server.student(f"S00{n}", name) for n, name in enumerate(NAMES, start=1)]
    return Class(server, teacher, students)


@pytest.fixture
async def api(server: RunningServer) -> AsyncIterator[Api]:
    async with http() as session:
        yield Api(server.url, session)


async def projected(api: Api) -> Json:
    found: Json = await api.get("/api/v1/meetings/TEST/projection", token=PROJECTOR)
    return found["round"]


async def test_the_class_sees_the_first_places_and_each_student_their_own(
    six: Class, api: Api
) -> None:
    await six.play("-+++--")
    round_id = await six.play("+++---")
    assert "leaderboard" not in await projected(api)
    updated = await six.teacher.show_leaderboard(round_id, top=1)
    assert updated.leaderboard == LeaderboardShown(round_id, 1, NamesAs.NAMES)
    boards = await six.boards()
    first = [(1, "Bob", 2, 0, False), (1, "Carla", 2, 0, False)]
    assert boards[0] == [*first, (3, "Alice Johnson", 1, 1, True)]
    assert boards[1] == [(1, "Bob", 2, 0, True), first[1]]
    assert boards[3] == [*first, (3, "Dan", 1, -2, True)]
    assert boards[5] == [*first, (5, "Finn", 0, -1, True)]
    shown = (await projected(api))["leaderboard"]
    assert_shape(shown, shapes.LEADERBOARD)
    assert shown == {
        "round_id": round_id,
        "places": [
            {"rank": 1, "name": "Bob", "points": 2, "move": 0},
            {"rank": 1, "name": "Carla", "points": 2, "move": 0},
        ],
        "of": 6,
    }


async def test_it_is_refused_in_a_round_and_while_nobody_has_points(six: Class) -> None:
    async def refused(why: str) -> None:
        with pytest.raises(QuizError) as error:
            await six.teacher.show_leaderboard()
        assert error.value.code is Code.CONFLICT
        assert why in error.value.message

    await refused("close the round first")
    await six.play("------")
    await refused("Nobody has any points yet")
    await six.teacher.trigger(duration=600)
    await refused("close the round first")


async def test_a_new_round_takes_it_away_and_so_does_the_teacher(six: Class, api: Api) -> None:
    await six.play("+-+-+-")
    await six.teacher.show_leaderboard()
    assert len((await six.boards())[0]) == 6  # ties of the first place are shown, and their own
    await six.teacher.show_leaderboard(shown=False)
    gone = await next_of(six.students[0], Leaderboard)
    assert (gone.places, gone.of) == ([], 0)
    assert "leaderboard" not in await projected(api)
    await six.teacher.show_leaderboard()
    assert (await projected(api))["leaderboard"]["of"] == 6
    await six.teacher.trigger(duration=600)
    await six.teacher.close_round()
    assert "leaderboard" not in await projected(api)
    assert (await six.back(0)).leaderboard is None


async def test_each_student_alone_can_see_their_own_place_and_its_neighbours(
    six: Class, api: Api
) -> None:
    await six.play("++++++")
    await six.play("+++++-")
    await six.play("+++---")
    await six.teacher.show_leaderboard(top=0, names=NamesAs.INITIALS)
    boards = await six.boards()
    assert [place[1] for place in boards[0]] == ["A. J.", "B."]
    assert [(place[0], place[4]) for place in boards[5]] == [(4, False), (6, True)]
    assert [place[0] for place in boards[3]] == [1, 4, 4]
    assert (await projected(api))["leaderboard"]["places"] == []


async def test_nicknames_tell_nobody_but_the_student(six: Class, api: Api) -> None:
    await six.play("+-+-+-")
    await six.teacher.show_leaderboard(top=50, names=NamesAs.NICKNAMES)
    boards = await six.boards()
    shown = str((await projected(api))["leaderboard"])
    assert not any(name in shown for name in NAMES)
    own = [next(place[1] for place in board if place[4]) for board in boards]
    assert len(set(own)) == 6
    await six.play("+-----")
    await six.teacher.show_leaderboard(top=50, names=NamesAs.NICKNAMES)
    later = [next(place[1] for place in board if place[4]) for board in await six.boards()]
    assert later == own


async def test_who_comes_back_sees_what_the_class_sees(six: Class) -> None:
    await six.play("+-+-+-")
    await six.teacher.show_leaderboard(top=3)
    (own,) = [place for place in (await six.boards())[1] if place[4]]
    board = (await six.back(1)).leaderboard
    assert board is not None
    assert [place.rank for place in board.places if place.own] == [own[0]]
    late = await six.server.student("S009", "Late")
    assert late.joined is not None
    assert late.joined.leaderboard is not None
    assert not any(place.own for place in late.joined.leaderboard.places)


async def test_who_is_banned_has_no_place(six: Class, api: Api) -> None:
    await six.play("++----")
    await six.teacher.remove_student("S001", ban=True)
    await six.teacher.show_leaderboard()
    shown = (await projected(api))["leaderboard"]
    assert (shown["places"][0]["name"], shown["of"]) == ("Bob", 5)
