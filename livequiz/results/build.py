"""Computes the report on a lesson."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import NamedTuple, TypeVar

from livequiz.domain.ability import fit
from livequiz.domain.grading import stored_share
from livequiz.domain.item_analysis import Attempt, ItemAnalysis, analyse
from livequiz.domain.item_flags import flags, right_options
from livequiz.domain.key_wording import answer_in_words, key_text
from livequiz.domain.model import Assignment, Meeting, PointsFor, Question, Response
from livequiz.domain.statistics import NO_TOPIC
from livequiz.results.lesson import Lesson, PlayedRound
from livequiz.results.report import (
    SCHEMA,
    MeetingLine,
    OptionLine,
    QuestionLine,
    Report,
    ResponseLine,
    RoundLine,
    StudentLine,
    TopicLine,
)

K = TypeVar("K", bound=Hashable)

_CHANCE = random.SystemRandom()
UNKNOWN = "(this question can no longer be read)"
_PLACES = 4  # decimals of every figure, so that files do not differ by rounding errors

# The name of a class and a student id: two classes may have the same ids. Meetings that belong to
# no class are taken for lessons of the same one.
_Person = tuple[str, str]


class _Label(NamedTuple):
    """How a report names a student."""

    student_id: str
    name: str
    class_name: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A question that a student had."""

    student: _Person
    played: PlayedRound
    assignment: Assignment
    response: Response | None
    question: Question | None

    @property
    def possible(self) -> float:
        """What the answer could have earned.

        The question may be worth something else today than in that round.
        """
        points_for = self.played.round.points_for
        if self.question is None or points_for is PointsFor.NOTHING:
            return 0
        if self.response is None:
            return self.question.points
        if self.response.correct and points_for is PointsFor.ACCURACY:
            return self.response.points
        return max(self.question.points, self.response.points)

    @property
    def share(self) -> float | None:
        """What the answer earned of the question, from 0 to 1; None without an answer."""
        return stored_share(self.question, self.response) if self.response else None


def build(
    lesson: Lesson,
    made_at: datetime,
    *,
    student: str | None = None,
    anonymous: bool = False,
    shuffle: Callable[[list[_Person]], None] = _CHANCE.shuffle,
) -> Report:
    """Compute the report.

    Args:
        lesson: What was played.
        made_at: The time to print on it.
        student: The id of the only student to list; the questions' figures are still those of all.
        anonymous: Whether names and ids are replaced by numbers.
        shuffle: Puts the ids in the order of those numbers, which must not follow the alphabet.
    """
    classes = {meeting.id: meeting.class_name for meeting in lesson.meetings}
    rows = [row for played in lesson.rounds for row in _rows(played, classes, lesson.questions)]
    attempts = [_attempt(row) for row in rows]
    analyses = analyse(attempts, lesson.questions)
    model = fit(
        [
            *((a.student, a.question_id, a.share) for a in attempts if a.share is not None),
            *_answers_elsewhere(lesson, {a.question_id for a in attempts}),
        ]
    )
    names = {row.student: row.student[1] for row in rows}
    names.update({(classes[s.meeting_id], s.id): s.name for s in lesson.students})
    listed = [person for person in names if student in {None, person[1]}]
    labels = {person: _Label(person[1], names[person], person[0]) for person in listed}
    if anonymous:
        shuffle(listed)
        labels = {p: _Label(f"{n}", f"Student {n}", p[0]) for n, p in enumerate(listed, start=1)}
    had = _grouped(rows, lambda row: row.student)
    return Report(
        schema=SCHEMA,
        title=_title(lesson),
        made_at=made_at,
        anonymous=anonymous,
        meetings=[_meeting(meeting, lesson, rows) for meeting in lesson.meetings],
        rounds=[_round(played) for played in lesson.rounds],
        students=[
            _student(labels[person], had.get(person, []), _rounded(model.adjusted_score(person)))
            for person in (listed if anonymous else sorted(listed, key=lambda p: _order(names, p)))
        ],
        questions=sorted(
            (
                _question(question_id, lesson.questions.get(question_id), analysis)
                for question_id, analysis in analyses.items()
            ),
            key=_hardest_first,
        ),
        topics=_topics(rows),
        responses=[_response(row, labels[row.student]) for row in rows if row.student in labels],
    )


def _order(names: Mapping[_Person, str], person: _Person) -> tuple[str, _Person]:
    return names[person].casefold(), person


def _rows(
    played: PlayedRound, classes: Mapping[str, str], questions: Mapping[str, Question]
) -> list[_Row]:
    answers = {response.student_id: response for response in played.responses}
    class_name = classes[played.round.meeting_id]
    return [
        _Row(
            (class_name, had.student_id),
            played,
            had,
            answers.get(had.student_id),
            questions.get(had.question_id),
        )
        for had in played.assignments
    ]


def _answers_elsewhere(
    lesson: Lesson, asked: Container[str]
) -> Iterator[tuple[Hashable, str, float]]:
    """Yield other answers to the questions that were asked, for how difficult they are.

    People learn, so whoever answered in another lesson counts as somebody else.
    """
    for answer in lesson.elsewhere:
        if answer.question_id in asked:
            who = "elsewhere", answer.meeting_id, answer.student_id
            question = lesson.questions.get(answer.question_id)
            yield who, answer.question_id, stored_share(question, answer)


def _attempt(row: _Row) -> Attempt:
    question_id, response = row.assignment.question_id, row.response
    if response is None:
        return Attempt(row.student, question_id)
    return Attempt(row.student, question_id, row.share, response.response_time, response.answer)


def _title(lesson: Lesson) -> str:
    names = [meeting.title or f"Meeting {meeting.id}" for meeting in lesson.meetings]
    return names[0] if len(names) == 1 else f"{len(names)} meetings"


# --- lines -------------------------------------------------------------------------------


def _meeting(meeting: Meeting, lesson: Lesson, rows: Sequence[_Row]) -> MeetingLine:
    own = [row for row in rows if row.assignment.meeting_id == meeting.id]
    answered, correct = _counts(own)
    return MeetingLine(
        meeting_id=meeting.id,
        title=meeting.title,
        created_at=meeting.created_at,
        rounds=sum(played.round.meeting_id == meeting.id for played in lesson.rounds),
        students=sum(student.meeting_id == meeting.id for student in lesson.students),
        assigned=len(own),
        answered=answered,
        correct=correct,
        accuracy=_percentage(correct, answered),
    )


def _round(played: PlayedRound) -> RoundLine:
    answered = len(played.responses)
    correct = sum(response.correct for response in played.responses)
    return RoundLine(
        meeting_id=played.round.meeting_id,
        round=played.round.number,
        opened_at=played.round.opened_at,
        closed_at=played.round.closed_at,
        assigned=len(played.assignments),
        answered=answered,
        correct=correct,
        accuracy=_percentage(correct, answered),
        mean_time=_mean(response.response_time for response in played.responses),
    )


def _student(label: _Label, rows: Sequence[_Row], adjusted: float | None) -> StudentLine:
    answered, correct = _counts(rows)
    return StudentLine(
        student_id=label.student_id,
        name=label.name,
        class_name=label.class_name,
        assigned=len(rows),
        answered=answered,
        correct=correct,
        accuracy=_percentage(correct, answered),
        points=_total(row.response.points for row in rows if row.response),
        possible=_total(row.possible for row in rows),
        adjusted=adjusted,
        mean_time=_mean(row.response.response_time for row in rows if row.response),
    )


def _question(question_id: str, question: Question | None, analysis: ItemAnalysis) -> QuestionLine:
    low, high = analysis.interval or (None, None)
    right = right_options(question) if question else frozenset()
    return QuestionLine(
        question_id=question_id,
        question=question.text if question else UNKNOWN,
        type=question.type if question else "",
        topics=list(question.topics) if question else [],
        difficulty=question.difficulty if question else None,
        key=key_text(question) if question else "",
        explanation=question.explanation if question else None,
        n=analysis.n,
        no_answer=analysis.no_answer,
        facility=_percent(analysis.facility),
        facility_low=_percent(low),
        facility_high=_percent(high),
        mean_time=_rounded(analysis.mean_time),
        median_time=_rounded(analysis.median_time),
        discrimination=_rounded(analysis.discrimination),
        efficiency=_rounded(analysis.efficiency),
        options=[
            OptionLine(
                text=question.options[index] if question else "",
                right=index in right,
                chosen=option.chosen,
                share=_percent(option.share) or 0.0,
                rest_score=_rounded(option.rest_score),
                upper=_percent(option.upper),
                lower=_percent(option.lower),
            )
            for index, option in enumerate(analysis.options)
        ],
        flags=flags(question, analysis) if question else [],
        missing=analysis.missing,
    )


def _hardest_first(line: QuestionLine) -> tuple[bool, float, str]:
    """Return the middle of the interval: one wrong answer does not make a question the hardest."""
    middle = (line.facility_low or 0.0) + (line.facility_high or 0.0)
    return line.facility is None, middle, line.question_id


def _topics(rows: Iterable[_Row]) -> list[TopicLine]:
    """Return the topics, the lowest accuracy first."""
    found = []
    for topic, own in _grouped(rows, _topic).items():
        answered, correct = _counts(own)
        asked = {row.assignment.question_id for row in own}
        accuracy = _percentage(correct, answered)
        found.append(TopicLine(topic, len(asked), answered, correct, accuracy))
    return sorted(found, key=lambda line: (line.accuracy is None, line.accuracy, line.topic))


def _response(row: _Row, label: _Label) -> ResponseLine:
    question, response = row.question, row.response
    return ResponseLine(
        meeting_id=row.assignment.meeting_id,
        round=row.played.round.number,
        student_id=label.student_id,
        name=label.name,
        class_name=label.class_name,
        question_id=row.assignment.question_id,
        question=question.text if question else UNKNOWN,
        topic=_topic(row),
        answered=response is not None,
        answer=_answer(response, question) if response else None,
        key=key_text(question) if question else "",
        correct=bool(response and response.correct),
        share=_percent(row.share),
        points=response.points if response else 0,
        possible=row.possible,
        response_time=_rounded(response.response_time) if response else None,
        answered_at=response.timestamp if response else None,
    )


def _topic(row: _Row) -> str:
    return (row.question.topic if row.question else None) or NO_TOPIC


def _answer(response: Response, question: Question | None) -> str:
    answer = response.answer
    indexes = answer if isinstance(answer, tuple) else (answer,)
    whole = [index for index in indexes if isinstance(index, int)]
    options = question.options if question else ()
    if any(index >= len(options) for index in whole):  # the question was edited meanwhile
        return ", ".join(f"option {index + 1}" for index in whole)
    return answer_in_words(answer, options)


# --- figures -----------------------------------------------------------------------------


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], K]) -> dict[K, list[_Row]]:
    found: defaultdict[K, list[_Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _counts(rows: Iterable[_Row]) -> tuple[int, int]:
    """Return how many answered, and how many of those were right."""
    responses = [row.response for row in rows if row.response]
    return len(responses), sum(response.correct for response in responses)


def _percentage(part: int, whole: int) -> float | None:
    return _rounded(100 * part / whole) if whole else None


def _percent(share: float | None) -> float | None:
    return None if share is None else _rounded(100 * share)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _PLACES)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return _rounded(fmean(found)) if found else None


def _total(values: Iterable[float]) -> float:
    return round(sum(values), 2)
