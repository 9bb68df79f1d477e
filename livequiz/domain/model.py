"""The nouns of a quiz, as frozen values. Times are aware UTC datetimes, durations are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single"  # one of several options
    TRUE_FALSE = "true_false"  # one of two options, the first of which says that it is true
    MULTIPLE = "multiple"  # any number of several options
    NUMERIC = "numeric"  # a number
    SHORT_TEXT = "short_text"  # a word or a few


ALL_TYPES = frozenset(QuestionType)
# What a client that does not say what it can show is taken for: one of the original design.
ORIGINAL_TYPES = frozenset({QuestionType.SINGLE, QuestionType.TRUE_FALSE})


class Scoring(StrEnum):
    """What an answer to a question of type `multiple` is worth that is not all right."""

    ALL = "all"  # nothing
    PARTIAL = "partial"  # each right choice a share, less one for each wrong choice


class Difficulty(StrEnum):
    """How hard a question's author thinks it is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Presence(StrEnum):
    """Whether a participant has a live connection."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class AssignmentStatus(StrEnum):
    """What has become of an assignment."""

    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"


class RoundState(StrEnum):
    """Whether a round takes answers."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a round was closed."""

    TIME = "time"
    INSTRUCTOR = "instructor"
    COMPLETE = "complete"


class Reveal(StrEnum):
    """When a student learns whether the answer was right, and the key."""

    AT_ONCE = "at_once"
    AFTER_ROUND = "after_round"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is right, give or take a tolerance."""

    value: float
    tolerance: float = 0.0


# The key of a question: an option's 0-based index, several of them in ascending order, or the
# numbers or the texts that are accepted.
Key = int | tuple[int, ...] | tuple[Number, ...] | tuple[str, ...]
# An answer: an option's 0-based index in the question's own order, several of them in ascending
# order, a number, or a text.
Answer = int | tuple[int, ...] | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A question before it is in the bank.

    Attributes:
        text: What is asked.
        options: What there is to choose from; empty where a number or a text is typed.
        correct: The key, as the type has it.
        type: How it is answered.
        weights: Per cent of the points, from -100 to 100: of each option, or of each accepted
            number or text. Empty if the key is worth all of them and all else nothing.
        scoring: For `multiple` without weights.
        case_sensitive: For `short_text`: whether `a` is another letter than `A`.
        wildcards: For `short_text`: whether `*` in an accepted text stands for any characters.
    """

    text: str
    options: tuple[str, ...] = ()
    correct: Key
    type: QuestionType = QuestionType.SINGLE
    weights: tuple[float, ...] = ()
    scoring: Scoring = Scoring.ALL
    case_sensitive: bool = False
    wildcards: bool = False
    points: float = 1  # to 0.01; an int where it is whole
    time_limit: float | None = None  # seconds
    topics: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    explanation: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Draft):
    """A question of the bank."""

    id: str
    created_at: datetime

    @property
    def topic(self) -> str | None:
        """The topic that it is shown under."""
        return self.topics[0] if self.topics else None


@dataclass(frozen=True, slots=True)
class Student:
    """A participant of one meeting.

    Attributes:
        time_factor: 1 to 4, for who needs more time.
        scored_round: The round that is the last one in `total_points` and `streak`.
        question_types: What their client can show.
    """

    id: str
    meeting_id: str
    name: str
    presence: Presence
    joined_at: datetime
    total_points: float = 0
    streak: int = 0
    time_factor: float = 1.0
    scored_round: str | None = None
    question_types: frozenset[QuestionType] = ALL_TYPES


@dataclass(frozen=True, slots=True)
class Assignment:
    """One student's question in one round.

    Attributes:
        option_order: At place i the question's own index of the option shown there; empty means
            that the options are shown in their own order.
        early: Seconds by which its time ends before that of the round, because the question has
            a time limit of its own.
    """

    round_id: str
    meeting_id: str
    student_id: str
    question_id: str
    sent_time: datetime
    deadline: datetime
    status: AssignmentStatus = AssignmentStatus.SENT
    option_order: tuple[int, ...] = ()
    early: float = 0.0


@dataclass(frozen=True, slots=True)
class Response:
    """One student's graded answer.

    Attributes:
        answer: As the question has it, whatever the order in which options were shown.
        correct: Whether it is worth all of the question's points.
        points: What it is worth, to 0.01.
    """

    round_id: str
    meeting_id: str
    student_id: str
    question_id: str
    answer: Answer
    correct: bool
    points: float
    response_time: float
    timestamp: datetime
    client_response_time: float | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which questions a draw may use, and how it uses them.

    Attributes:
        topics: Any of these; all if there is none.
        difficulty: Only this one.
        shuffle_options: Whether each student sees the options in an order of its own.
        allow_repeats: Whether students may get what they have seen.
        question_ids: These alone, chosen one by one; all if there is none.
    """

    topics: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    shuffle_options: bool = False
    allow_repeats: bool = False
    question_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a round is: students assigned, responses stored, responses that are right."""

    assigned: int = 0
    answered: int = 0
    correct: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One trigger: every connected student gets a question, until the deadline.

    Attributes:
        deadline: The last of all students' who have no extra time.
        own_limits: Whether each question's time limit holds, rather than one for all.
    """

    id: str
    meeting_id: str
    number: int
    state: RoundState
    opened_at: datetime
    deadline: datetime
    draw_seed: int
    filters: Filters = field(default_factory=Filters)
    reveal: Reveal = Reveal.AT_ONCE
    distinct: bool = True
    warnings: tuple[str, ...] = ()
    closed_at: datetime | None = None
    reason: CloseReason | None = None
    counts: Counts = field(default_factory=Counts)
    own_limits: bool = False

    @property
    def duration(self) -> float:
        """Seconds from opening to the deadline, extensions included."""
        return (self.deadline - self.opened_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Meeting:
    """A class that meets under one code."""

    id: str
    created_at: datetime
    locked: bool = False
    banned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with everything that its screens show, read in one go."""

    round: Round
    assignments: tuple[Assignment, ...]
    responses: Mapping[str, Response]  # by student_id
    questions: Mapping[str, Question]  # by question_id
