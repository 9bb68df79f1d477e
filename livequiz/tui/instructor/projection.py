"""A board as the whole class may see it."""

from __future__ import annotations

from livequiz.client.address import join_commands, page_address
from livequiz.domain.statistics import Tally
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.projection import (
    HardestQuestion,
    ProjectedRound,
    Projection,
    Results,
    topic_results,
)
from livequiz.tui.instructor.board import Board, RoundInfo


def projection_of(board: Board, url: str, left: float) -> Projection:
    """Return what a projector shows of a board.

    Args:
        board: The state of the meeting.
        url: The address that students type.
        left: Seconds that are left in the open round.
    """
    return Projection(
        meeting_id=board.meeting_id,
        here=board.here,
        address=page_address(url, board.meeting_id),
        commands=join_commands(url, board.meeting_id, board.ssh_port),
        round=None if board.round is None else _round(board, board.round, left),
    )


def _round(board: Board, quiz: RoundInfo, left: float) -> ProjectedRound:
    shown = not quiz.open and board.results_of == quiz.round_id
    return ProjectedRound(
        round_id=quiz.round_id,
        number=quiz.number,
        open=quiz.open,
        remaining=left,
        assigned=board.round_stats.assigned,
        answered=board.round_stats.answered,
        results=_results(board, quiz) if shown else None,
        leaderboard=None if quiz.open else _leaderboard(board, quiz),
    )


def _leaderboard(board: Board, quiz: RoundInfo) -> Leaderboard | None:
    shown = board.leaderboard
    if shown is None or shown.round_id != quiz.round_id:
        return None
    return Leaderboard(shown.round_id, shown.places, shown.of)


def _results(board: Board, quiz: RoundInfo) -> Results:
    answers = (
        (detail.topics, Tally(1, int(bool(row.correct))))
        for row in board.rows.values()
        if row.arrived and (detail := board.details.get(row.question_id)) is not None
    )
    hardest = None
    found = quiz.summary.hardest if quiz.summary is not None else None
    if found is not None:
        detail = board.details.get(found.question_id)
        hardest = HardestQuestion(
            found.question,
            found.responses,
            found.correct,
            detail.explanation if detail is not None else None,
        )
    return Results(board.round_stats.accuracy, topic_results(answers), hardest)
