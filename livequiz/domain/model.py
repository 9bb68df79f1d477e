"""The domain model, as frozen dataclasses. Times are aware UTC datetimes, durations seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single"  # one of several options
    TRUE_FALSE = "true_false"  # one of two options; the first one is "true"
    MULTIPLE = "multiple"  # any number of several options
    NUMERIC = "numeric"  # a number
    SHORT_TEXT = "short_text"  # a word or a few


ALL_TYPES = frozenset(QuestionType)
# Assumed for clients of the first protocol version, which do not say what they can show.
ORIGINAL_TYPES = frozenset({QuestionType.SINGLE, QuestionType.TRUE_FALSE})


class Scoring(StrEnum):
    """How a partly right answer to a `multiple` question is graded."""

    ALL = "all"  # no points
    PARTIAL = "partial"  # a share for each right choice, minus one for each wrong choice


class PointsFor(StrEnum):
    """What the points of a round's answers depend on."""

    ACCURACY = "accuracy"  # whether they are right
    SPEED = "speed"  # also how fast they came: half of the points at the deadline
    NOTHING = "off"  # there are none


class NeverTwice(StrEnum):
    """Within what a student gets no question twice, as long as there are others."""

    MEETING = "meeting"
    CLASS = "class"  # all meetings of the same class
    EVER = "ever"  # all meetings in the database


class NamesAs(StrEnum):
    """What a leaderboard shows of students' names."""

    NAMES = "names"
    INITIALS = "initials"
    NICKNAMES = "nicknames"  # made up, and known only to the student


class DrawRule(StrEnum):
    """What a draw prefers, after its hard rules; see `domain.preferences`."""

    PER_TOPIC = "per_topic"  # each student one question of each topic, then again
    COVER = "cover"  # what the class has seen least
    CARRY_OVER = "carry_over"  # what a student missed, in a later round


class Difficulty(StrEnum):
    """How hard a question's author thinks it is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Presence(StrEnum):
    """Whether a participant has a live connection."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class Way(StrEnum):
    """How a student takes part, as their program says; nothing depends on it."""

    PAGE = "page"
    SSH = "ssh"
    TERMINAL = "terminal"
    PLAIN = "plain"


class AssignmentStatus(StrEnum):
    """The state of an assignment."""

    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"


class RoundState(StrEnum):
    """Whether a round accepts answers."""

    OPEN = "open"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a round was closed."""

    TIME = "time"
    INSTRUCTOR = "instructor"
    COMPLETE = "complete"


class Reveal(StrEnum):
    """When students see whether their answer was right, and the key."""

    AT_ONCE = "at_once"
    AFTER_ROUND = "after_round"


@dataclass(frozen=True, slots=True)
class Number:
    """An accepted number with its tolerance."""

    value: float
    tolerance: float = 0.0


# The key of a question: an option's 0-based index, several of them in ascending order, or the
# accepted numbers or texts.
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
        correct: The key; its form depends on the type.
        type: How it is answered.
        weights: Percentage of the points, from -100 to 100, for each option or each accepted
            number or text. Empty if the key earns all points and everything else none.
        scoring: For `multiple` without weights.
        case_sensitive: For `short_text`: whether `a` and `A` are different.
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
    points: float = 1  # to 0.01; an int if whole
    time_limit: float | None = None  # seconds
    topics: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    explanation: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Draft):
    """A question in the bank."""

    id: str
    created_at: datetime

    @property
    def topic(self) -> str | None:
        """The first of its topics, for display."""
        return self.topics[0] if self.topics else None


SeatKey = tuple[str, str]  # (meeting id, student id)


@dataclass(frozen=True, slots=True)
class Student:
    """A participant of one meeting.

    Attributes:
        time_factor: 1 to 4, for students who need more time.
        scored_round: The last round counted in `total_points` and `streak`.
        question_types: What their client can show.
        way: How they take part; None if their client is of no known kind.
        last_seen: When they came or left last.
        practised: How many questions they have practised.
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
    way: Way | None = None
    last_seen: datetime | None = None
    practised: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """One student's question in one round.

    Attributes:
        option_order: Item i is the question's own index of the option shown at position i; empty
            if the options are not shuffled.
        early: Seconds by which its deadline is before the round's, because the question has its
            own time limit.
        question_types: What the student's client could show when the question was drawn.
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
    question_types: frozenset[QuestionType] = ALL_TYPES


@dataclass(frozen=True, slots=True)
class Response:
    """One student's graded answer.

    Attributes:
        answer: With option indexes in the question's own order.
        correct: Whether it earned all of the question's points.
        points: What it earned, to 0.01.
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
    """Which questions a draw may use, and how.

    Attributes:
        topics: Only questions with any of these topics; all if empty.
        difficulty: Only questions of this difficulty.
        shuffle_options: Whether each student sees the options in their own order.
        allow_repeats: Whether students may get questions that they have seen.
        question_ids: Only these questions; all if empty.
        draw_rules: What the draw prefers.
    """

    topics: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    shuffle_options: bool = False
    allow_repeats: bool = False
    question_ids: frozenset[str] = frozenset()
    draw_rules: tuple[DrawRule, ...] = ()


class Sampling(StrEnum):
    """How a draw got its candidates from all the questions that match."""

    NONE = "none"  # all of them
    BY_SEED = "by_seed"
    BY_DATABASE = "by_database"  # by MongoDB, which takes no seed


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """What a draw was made from, as far as nothing else that is stored tells it.

    It names nobody, so that it can stay when a student is forgotten.

    Attributes:
        students: How many students the questions were drawn for.
        candidates: How many questions they were drawn from.
        questions: A digest of the candidates, and of what the draw's rules look at in them.
        history: A digest of what the students had before.
        sampling: How the candidates were chosen from the questions that match.
        never_twice: How far back the draw looked.
        ease: For a balanced draw, a digest of the candidates' ease.
        ease_until: For a balanced draw, when the answers that it is estimated from end.
    """

    students: int
    candidates: int
    questions: str
    history: str
    sampling: Sampling = Sampling.NONE
    never_twice: NeverTwice = NeverTwice.MEETING
    ease: str | None = None
    ease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """A round's progress: students assigned, responses stored, correct responses."""

    assigned: int = 0
    answered: int = 0
    correct: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """A round: every connected student gets a question to answer before the deadline.

    Attributes:
        deadline: The latest deadline of the students without extra time.
        own_limits: Whether each question's own time limit applies, instead of one for all.
        points_for: What its points depend on.
        draw: What its questions were drawn from; None for a round of an older version.
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
    points_for: PointsFor = PointsFor.ACCURACY
    draw: DrawRecord | None = None

    @property
    def duration(self) -> float:
        """Seconds from opening to the deadline, including extensions."""
        return (self.deadline - self.opened_at).total_seconds()


@dataclass(frozen=True, slots=True)
class LeaderboardView:
    """How a class sees the leaderboard.

    Attributes:
        round_id: The closed round after which it is shown; a new round hides it.
        top: How many places are shown; 0 shows each student only their own and its neighbours.
        names_as: What is shown of the names.
        seed: Decides the nicknames of the meeting.
    """

    round_id: str
    top: int
    names_as: NamesAs
    seed: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """A lesson of a class, identified by its code.

    Attributes:
        results_of: The round whose results projectors show.
        leaderboard: The leaderboard that the class sees, or saw last; None if there was none.
        title: What the teacher calls it; "" if they have not named it.
        class_name: The class that it belongs to; "" if that was not said.
        archived: Whether lists leave it out.
    """

    id: str
    created_at: datetime
    locked: bool = False
    banned: frozenset[str] = frozenset()
    results_of: str | None = None
    leaderboard: LeaderboardView | None = None
    title: str = ""
    class_name: str = ""
    archived: bool = False
