"""Ranks, moves, and what a leaderboard calls people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livequiz.domain.leaderboard import initials, shown_names, standings
from livequiz.domain.model import NamesAs

POINTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 5))
CLASS = {"S001": "Alice Johnson", "S002": "Bob", "S003": "Ana María de la Cruz"}


def test_ties_share_a_rank_and_the_next_one_counts_them() -> None:
    places = standings({"a": 1, "b": 3, "c": 3, "d": 0.5}, {})
    assert [(each.student_id, each.rank) for each in places] == [
        ("b", 1),
        ("c", 1),
        ("a", 3),
        ("d", 4),
    ]


def test_a_move_is_by_how_many_places_somebody_rose() -> None:
    places = standings({"a": 3, "b": 2, "c": 2, "new": 1}, {"a": 1, "b": 2, "c": 2})
    assert {each.student_id: each.move for each in places} == {
        "a": 2,
        "b": -1,
        "c": -1,
        "new": None,
    }


@given(POINTS, POINTS)
def test_a_rank_is_one_more_than_how_many_have_more(
    points: dict[str, int], before: dict[str, int]
) -> None:
    places = standings(points, before)
    assert [each.rank for each in places] == sorted(each.rank for each in places)
    assert {each.student_id for each in places} == set(points)
    for each in places:
        assert each.points == points[each.student_id]
        assert each.rank == 1 + sum(other > each.points for other in points.values())
        if each.student_id in before:
            earlier = 1 + sum(other > before[each.student_id] for other in before.values())
            assert each.move == earlier - each.rank
        else:
            assert each.move is None


def test_initials_are_those_of_the_first_three_names() -> None:
    assert [initials(name) for name in CLASS.values()] == ["A. J.", "B.", "A. M. D."]
    assert shown_names(CLASS, NamesAs.INITIALS, 1)["S001"] == "A. J."
    assert shown_names(CLASS, NamesAs.NAMES, 1) == CLASS


def test_nicknames_differ_and_stay_when_others_come() -> None:
    many = {f"S{n:04}": f"Name {n}" for n in range(2_000)}
    first = dict(list(many.items())[:30])
    nicknames = shown_names(many, NamesAs.NICKNAMES, 7)
    assert len(set(nicknames.values())) == 2_000
    assert shown_names(first, NamesAs.NICKNAMES, 7) == dict(list(nicknames.items())[:30])
    assert shown_names(first, NamesAs.NICKNAMES, 8) != shown_names(first, NamesAs.NICKNAMES, 7)
    assert not any(name in nickname for name in many.values() for nickname in nicknames.values())
