"""Leaderboards in words: a student's place, moves and points.

The page says the same in `server/page/leaderboard.js`; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livequiz.protocol.leaderboard import Leaderboard, Place

EACH_THEIR_OWN = "Your place is on your own screen"


def ordinal(number: int) -> str:
    """Return a number as a place, such as 1st, 2nd, 3rd, 11th or 21st."""
    teens = 11 <= number % 100 <= 13
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def points_in_words(points: float) -> str:
    """Return a number of points with its noun."""
    return "1 point" if points == 1 else f"{points:g} points"


def move_sign(move: int | None) -> str:
    """Return a move as a symbol with a number; it says the same without colour."""
    if not move:
        return "new" if move is None else "="
    return f"{'▲' if move > 0 else '▼'} {abs(move)}"


def move_in_words(move: int | None) -> str:
    """Return a move for use in a sentence."""
    if not move:
        return "new" if move is None else "no change"
    return f"{'up' if move > 0 else 'down'} {abs(move)}"


def has_moves(places: Iterable[Place]) -> bool:
    """Whether anybody had a place before; otherwise all would only be called new."""
    return any(place.move is not None for place in places)


def place_sentence(board: Leaderboard, name: str) -> str:
    """Return a student's own place as a sentence without its full stop.

    Args:
        board: What the student sees.
        name: The student's name; the sentence says if the leaderboard calls them differently.
    """
    own = next((place for place in board.places if place.own), None)
    if own is None:
        return "You have no place yet"
    called = "" if own.name == name else f"{own.name}, "
    move = "" if own.move is None else f" ({move_in_words(own.move)})"
    return f"You are {called}{ordinal(own.rank)} of {board.of}{move}"


def place_lines(board: Leaderboard, name: str) -> Iterator[str]:
    """Yield a leaderboard as lines of text, the student's own place first."""
    yield f"{place_sentence(board, name)}."
    moves = has_moves(board.places)
    for place in board.places:
        you = " (you)" if place.own else ""
        move = f", {move_in_words(place.move)}" if moves else ""
        yield f"{place.rank}. {place.name}{you}, {points_in_words(place.points)}{move}"
