"""The messages that the server sends, one type for each payload in `docs/protocol.md`.

The snapshot that a dashboard gets when it joins is in `livequiz.protocol.snapshot`.

A field with a default may be omitted on the wire. Option indexes are 0-based: in students' messages
they follow the order shown to that student, in instructors' messages the question's own order.
Accuracy is the percentage (0 to 100) of responses that are correct.
"""

from __future__ import annotations

from livequiz.domain.answering import Shown
from livequiz.domain.model import CloseReason, QuestionType, Way
from livequiz.protocol.answers import Stored
from livequiz.protocol.fields import Points, Timestamp
from livequiz.protocol.leaderboard import Leaderboard, LeaderboardShown
from livequiz.protocol.message import Message


class ErrorMessage(Message):
    """`error`, and the `error` of a refused ack."""

    code: str
    message: str
    event: str
    field: str | None = None
    in_doubt: bool = False


class Connected(Message):
    """`connected`"""

    socket_id: str


class TimeSynced(Message):
    """The ack of `time_sync`."""

    client_time: float | str | None
    server_time: Timestamp


# --- to students ---------------------------------------------------------------------------


class NewQuestion(Message):
    """`NEW_QUESTION`; contains neither the key nor anything that reveals it."""

    question_id: str
    question: str
    options: list[str]
    sent_time: Timestamp
    round_id: str
    round_number: int
    type: QuestionType
    duration: float
    deadline: Timestamp
    remaining: float
    server_time: Timestamp
    points: Points
    topic: str | None = None


class AnswerResult(Message):
    """`answer_result`, sent only after the response is stored.

    `correct`, `correct_answer` and `points` are null until the round reveals them. Choices are
    option indexes as shown to the student; `correct_text` has the key of a typed answer in words,
    with the tolerance and all accepted texts.
    """

    correct: bool | None
    correct_answer: Shown | None
    your_answer: Shown | None
    question_id: str
    round_id: str
    response_time: float | None
    points: Points | None
    total_points: Points
    streak: int
    duplicate: bool
    explanation: str | None = None
    correct_text: str | None = None


class HistoryItem(Message):
    """An earlier round of a student, as listed in their waiting room."""

    round_number: int
    question: str
    correct: bool | None
    answered: bool
    response_time: float | None = None
    correct_option: str | None = None


class OpenRound(Message):
    """The round that is open when a student joins."""

    round_id: str
    round_number: int
    remaining: float


class Joined(Message):
    """`joined`; `practice` is whether the student may practise what they missed."""

    success: bool
    student_id: str
    meeting_id: str
    socket_id: str
    resume_token: str
    server_time: Timestamp
    round: OpenRound | None
    name: str
    total_points: Points
    streak: int
    history: list[HistoryItem]
    leaderboard: Leaderboard | None = None
    practice: bool = False


class StudentRoundClosed(Message):
    """`round_closed` to a student, with their own result if they were assigned a question."""

    round_id: str
    reason: CloseReason
    result: AnswerResult | None = None


class RoundExtended(Message):
    """`round_extended`; only instructors get `extra_time`, as in `QuestionsSent`."""

    round_id: str
    deadline: Timestamp
    remaining: float
    server_time: Timestamp
    extra_time: float | None = None


class Removed(Message):
    """`removed`; `reason` is one of removed, banned, replaced, shutdown."""

    reason: str
    message: str


class PresenceUpdated(Message):
    """`presence_updated`: how many students are connected, the recipient included."""

    meeting_id: str
    here: int


# --- to instructors ------------------------------------------------------------------------


class InstructorJoined(Message):
    """`instructor_joined`"""

    success: bool
    instructor_id: str
    meeting_id: str


class StudentJoined(Message):
    """`student_joined`; has `question_types` only if the client can't show every type."""

    student_id: str
    name: str
    meeting_id: str
    rejoined: bool
    question_types: list[QuestionType] | None = None
    way: Way | None = None


class StudentLeft(Message):
    """`student_left`; `reason` is one of left, disconnected, removed, banned."""

    student_id: str
    name: str
    meeting_id: str
    reason: str


class SentAssignment(Message):
    """One row of `questions_sent`."""

    student_id: str
    name: str
    question_id: str
    question: str


class QuestionsSent(Message):
    """`questions_sent`; `extra_time` is how many seconds the round may go on after `deadline`.

    That is for students who were given more time.
    """

    success: bool
    count: int
    assignments: list[SentAssignment]
    round_id: str
    round_number: int
    duration: float
    deadline: Timestamp
    distinct: bool
    draw_seed: int
    warnings: list[str]
    late: bool = False
    extra_time: float | None = None


class QuestionStats(Message):
    """The statistics of a question in this meeting, over all rounds."""

    question_id: str
    responses: int
    correct: int
    accuracy: float | None


class RoundStats(Message):
    """The statistics of a round; `mean_response_time` is in seconds."""

    assigned: int
    answered: int
    correct: int
    accuracy: float | None
    mean_response_time: float | None


class Stats(Message):
    """The `stats` of an answer update."""

    question: QuestionStats
    round: RoundStats


class AnswerUpdate(Message):
    """`ANSWER_UPDATE`"""

    student_id: str
    student_name: str
    question_id: str
    answer: Stored
    correct: bool
    stats: Stats
    timestamp: Timestamp
    round_id: str
    response_time: float
    points: Points


class AnswerUpdates(Message):
    """`ANSWER_UPDATES`: a batch of answers, for dashboards; `stats` are those of the last."""

    updates: list[AnswerUpdate]
    stats: Stats
    dropped: int


class Hardest(Message):
    """The question with the lowest accuracy in a round."""

    question_id: str
    question: str
    responses: int
    correct: int
    accuracy: float


class Slowest(Message):
    """The student whose response took longest, in seconds."""

    student_id: str
    name: str
    response_time: float


class RoundSummary(Message):
    """The summary of a closed round."""

    stats: RoundStats
    questions: list[QuestionStats]
    unanswered: list[str]
    hardest: Hardest | None
    slowest: Slowest | None


class RoundClosed(Message):
    """`round_closed` to instructors."""

    round_id: str
    reason: CloseReason
    summary: RoundSummary


class MeetingUpdated(Message):
    """`meeting_updated`

    `student_id` and `time_factor` report a student's new time factor. `database_away` is how many
    seconds MongoDB has been unreachable; `moved` is by how many seconds open deadlines were
    extended because the server could not serve. `banned` has the remaining banned ids, after a ban
    was lifted. `results_of` is the round whose results projectors show, "" for none.
    `leaderboard` is how the class sees the leaderboard from now on. `practised` is how many
    questions students have practised by now, by student id.
    """

    meeting_id: str
    locked: bool
    student_id: str | None = None
    time_factor: float | None = None
    database_away: float | None = None
    moved: float | None = None
    banned: list[str] | None = None
    results_of: str | None = None
    leaderboard: LeaderboardShown | None = None
    practised: dict[str, int] | None = None


class Preview(Message):
    """The ack of `preview_round`: what `trigger_questions` would do with these filters.

    `left_out` is how many students would get no question because their clients can't show any
    matching one; the first warnings name them.
    """

    students: int
    matching: int
    sharing: int
    bank: int
    topics: list[str]
    warnings: list[str]
    left_out: int = 0
