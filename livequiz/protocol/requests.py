"""The requests that clients send; decoding refuses unknown fields, wrong types and lengths."""

from __future__ import annotations

from msgspec import Struct

from livequiz.domain.model import Difficulty, NamesAs, PointsFor, Reveal
from livequiz.protocol.fields import (
    AnswerIn,
    Client,
    ClientTime,
    DrawRules,
    Duration,
    InstructorId,
    MeetingId,
    Name,
    ObjectIdStr,
    PageSize,
    Places,
    QuestionIds,
    Seed,
    StudentId,
    TimeFactor,
    Token,
    Topics,
    TypeNames,
    seconds_or_none,
    time_or_none,
)


class Request(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The base class of all requests; defaults are not sent, as older servers may not know them."""


class Handshake(Request, forbid_unknown_fields=False):
    """The `auth` object of a connection; `client` is `name/version`.

    `question_types` are the types that the client can show; `join_student` may have them too.
    """

    token: Token | None = None
    resume_token: Token | None = None
    client: Client | None = None
    question_types: TypeNames | None = None


class JoinStudent(Request):
    """`join_student`"""

    student_id: StudentId
    meeting_id: MeetingId
    name: Name
    resume_token: Token | None = None
    question_types: TypeNames | None = None


class SubmitAnswer(Request):
    """`submit_answer_ws`.

    `answer` is the 0-based index of the option as shown, a list of indexes for `multiple`, a
    number (or its text, such as `3,14`) for `numeric`, a text for `short_text`.
    """

    student_id: StudentId
    question_id: ObjectIdStr
    answer: AnswerIn
    response_time: ClientTime = None
    round_id: ObjectIdStr | None = None

    def __post_init__(self) -> None:
        self.response_time = seconds_or_none(self.response_time)


class Leave(Request):
    """`leave`"""


class TimeSync(Request):
    """`time_sync`; the client's own time, echoed unchanged."""

    client_time: ClientTime = None

    def __post_init__(self) -> None:
        self.client_time = time_or_none(self.client_time)


class GetHistory(Request):
    """`get_history`"""


class GetPractice(Request):
    """`get_practice`"""


class PracticeAnswer(Request):
    """`practice_answer`; the answer has the form that it has in `submit_answer_ws`."""

    question_id: ObjectIdStr
    answer: AnswerIn


class JoinInstructor(Request):
    """`join_instructor`; `batch` asks for `ANSWER_UPDATES` instead of one event per answer."""

    instructor_id: InstructorId
    meeting_id: MeetingId
    token: Token | None = None
    batch: bool = False


class RoundFilters(Request):
    """Which questions a round may use; the whole bank by default."""

    topics: Topics | None = None
    difficulty: Difficulty | None = None
    allow_repeats: bool = False
    question_ids: QuestionIds | None = None


class PreviewRound(RoundFilters, kw_only=True):
    """`preview_round`"""

    meeting_id: MeetingId


class ListQuestions(Request):
    """`list_questions`: a page of the bank, after a given question."""

    meeting_id: MeetingId
    after: ObjectIdStr | None = None
    limit: PageSize = 100


class RoundRequest(RoundFilters):
    """The settings of a new round, and the body of `POST /meetings/{m}/rounds`.

    Attributes:
        duration: Seconds for everybody; if omitted, each question's own time limit.
        draw_seed: Makes the draw reproducible.
        reveal: When students see the key; the server's default if omitted.
        points_for: What its points depend on; the server's default if omitted.
        draw_rules: What its draw prefers; the server's default if omitted.
    """

    duration: Duration | None = None
    shuffle_options: bool = False
    draw_seed: Seed | None = None
    reveal: Reveal | None = None
    points_for: PointsFor | None = None
    draw_rules: DrawRules | None = None


class TriggerQuestions(RoundRequest, kw_only=True):
    """`trigger_questions`"""

    meeting_id: MeetingId


class OfMeeting(Request):
    """`close_round`, `get_snapshot`"""

    meeting_id: MeetingId


class ExtendRound(Request):
    """`extend_round`"""

    meeting_id: MeetingId
    seconds: Duration


class RemoveStudent(Request):
    """`remove_student`"""

    meeting_id: MeetingId
    student_id: StudentId
    ban: bool = False


class SetStudent(Request):
    """`set_student`; `time_factor` multiplies the student's time, from 1 to 4."""

    meeting_id: MeetingId
    student_id: StudentId
    time_factor: TimeFactor


class ShowResults(Request):
    """`show_results`: whether projectors show the results of the newest round.

    With `round_id` it is refused if that is another round.
    """

    meeting_id: MeetingId
    shown: bool = True
    round_id: ObjectIdStr | None = None


class ShowLeaderboard(ShowResults):
    """`show_leaderboard`: whether the class sees the leaderboard after the newest round.

    `top` is how many places it shows; with 0, each student sees only their own and its neighbours.
    """

    top: Places = 5
    names: NamesAs = NamesAs.NAMES


class LockMeeting(Request):
    """`lock_meeting`"""

    meeting_id: MeetingId
    locked: bool
