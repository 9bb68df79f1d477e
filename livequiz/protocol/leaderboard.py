"""Leaderboards as students and the whole class see them.

The conventions of `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

from livequiz.domain.model import NamesAs
from livequiz.protocol.fields import Points
from livequiz.protocol.message import Message


class Place(Message):
    """A line of a leaderboard; in a student's, `own` marks theirs.

    `move` is by how many places they rose since the round before: negative if they fell, omitted
    if they had no place then.
    """

    rank: int
    name: str
    points: Points
    move: int | None = None
    own: bool = False


class Leaderboard(Message):
    """`leaderboard`, and part of a projection.

    To a student, `places` are the first ones and their own; or only their own with the two beside
    it. To the class, they are the first ones; none if each student sees only their own. A message
    without `of`, the number of students with a place, takes the leaderboard away.
    """

    round_id: str
    places: list[Place]
    of: int = 0


class LeaderboardShown(Leaderboard, kw_only=True):
    """How the class sees the leaderboard; `round_id` is "" if it does not see it any more."""

    top: int
    names: NamesAs
