"""The leaderboard: seen when the teacher shows it, by whom, and with which names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import NamesAs
from livequiz.protocol.leaderboard import Leaderboard
from tests.conftest import PROJECTOR, RunningServer
from tests.contract import shapes
from tests.contract.resources import Api
from tests.contract.shapes import assert_shape
from tests.helpers import Json, bank, next_of
from tests.server.bare import http
from tests.server.six import NAMES, Class, six_students


@pytest.fixture
async def six(server: RunningServer) -> Class:
    return await six_students(server, bank(40))


@pytest.fixture
async def api(server: RunningServer) -> AsyncIterator[Api]:
    async with http() as session:
        yield Api(server.url, session)


async def projected(api: Api) -> Json:
    found: Json = await api.get("/api/v1/meetings/TEST/projection", token=PROJECTOR)
    shown: Json = found["round"]
    return shown


async def test_the_class_sees_the_first_places_and_each_student_their_own(
    six: Class, api: Api
) -> None:
    await six.play("-+++--")
    round_id = await six.play("+++---")
    assert "leaderboard" not in await projected(api)
    updated = await six.teacher.show_leaderboard(round_id, top=1)
    told = updated.leaderboard
    assert told is not None
    assert (told.round_id, told.top, told.names, told.of) == (round_id, 1, NamesAs.NAMES, 6)
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


async def test_a_place_is_the_students_own_also_among_many_that_look_the_same(
    server: RunningServer,
) -> None:
    """Who had the initials, points and move of somebody shown was told to have no place."""
    teacher = await server.instructor("TEST")
    await server.import_questions(bank(40))
    students = [await server.student(f"S00{n}", "Ann Lee") for n in range(6)]
    six = Class(server, teacher, students)
    await six.play("++++++")
    await teacher.show_leaderboard(top=1, names=NamesAs.INITIALS)
    for board in await six.boards():
        assert [place[4] for place in board].count(True) == 1
        assert len(board) <= 3


async def test_who_is_banned_while_it_is_shown_disappears(six: Class, api: Api) -> None:
    await six.play("++----")
    await six.teacher.show_leaderboard()
    await six.teacher.remove_student("S001", ban=True)
    assert NAMES[0] not in str((await projected(api))["leaderboard"])


async def test_hiding_it_keeps_how_it_was_shown(six: Class) -> None:
    await six.play("++----")
    await six.teacher.show_leaderboard(top=3, names=NamesAs.NICKNAMES)
    told = (await six.teacher.show_leaderboard(shown=False)).leaderboard
    assert told is not None
    assert (told.round_id, told.top, told.names) == ("", 3, NamesAs.NICKNAMES)


async def test_students_who_come_at_once_share_one_ranking(
    six: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    await six.play("++----")
    await six.teacher.show_leaderboard()
    boards = six.server.service.leaderboards
    boards._rankings.clear()
    counted = 0
    original = boards._rank

    async def counting(*arguments: Any) -> Any:
        nonlocal counted
        counted += 1
        return await original(*arguments)

    monkeypatch.setattr(boards, "_rank", counting)
    await asyncio.gather(*(six.back(place) for place in range(6)))
    assert counted == 1
