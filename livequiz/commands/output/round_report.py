"""A round as tables: assignments, answers and statistics."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livequiz.domain.key_wording import answer_in_words, key_in_words
from livequiz.domain.text import printable
from livequiz.protocol.answers import answer_from, key_from
from livequiz.protocol.snapshot import AssignmentRow, QuestionDetail
from livequiz.simulation.demo import PlayedRound


def print_round(played: PlayedRound) -> None:
    """Print a played round to stdout."""
    console = Console(highlight=False)
    console.print(_responses(played))
    console.print(_statistics(played))
    stats = played.closed.summary.stats
    accuracy = "-" if stats.accuracy is None else f"{stats.accuracy:g} %"
    console.print(
        f"{stats.answered} of {stats.assigned} answered, {stats.correct} right ({accuracy}); "
        f"closed by: {played.closed.reason}; draw seed {played.sent.draw_seed}"
    )


def _responses(played: PlayedRound) -> Table:
    questions = {question.question_id: question for question in played.snapshot.questions}
    table = Table(title=f"Round {played.sent.round_number}: who got which question")
    for heading in ("Id", "Student", "Question", "Answer", "Verdict"):
        table.add_column(heading, overflow="fold")
    table.add_column("Seconds", justify="right")
    for row in played.snapshot.assignments:
        question = questions[row.question_id]
        table.add_row(
            row.student_id,
            Text(printable(row.name)),
            Text(printable(question.question, keep="\n")),
            Text(_answer(row, question)),
            Text(_verdict(row)),
            "" if row.response_time is None else f"{row.response_time:.1f}",
        )
    return table


def _statistics(played: PlayedRound) -> Table:
    table = Table(title="Statistics for each question")
    table.add_column("Question", overflow="fold")
    table.add_column("Right answer", overflow="fold")
    table.add_column("Right", justify="right")
    table.add_column("Accuracy", justify="right")
    for question in played.snapshot.questions:
        stats = question.stats
        key = key_from(question.type, question.correct)
        table.add_row(
            Text(printable(question.question, keep="\n")),
            Text(printable(key_in_words(question.type, key, question.options))),
            f"{stats.correct}/{stats.responses}",
            "-" if stats.accuracy is None else f"{stats.accuracy:g} %",
        )
    return table


def _answer(row: AssignmentRow, question: QuestionDetail) -> str:
    if row.answer is None:
        return "-"
    if not isinstance(row.answer, int):
        return printable(answer_in_words(answer_from(row.answer), question.options))
    return f"{chr(ord('A') + row.answer)}  {printable(question.options[row.answer])}"


def _verdict(row: AssignmentRow) -> str:
    if row.correct is None:
        return "no answer"
    return "right" if row.correct else "wrong"
