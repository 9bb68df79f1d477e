"""What clients send. Unknown fields, wrong types and lengths are refused when decoding."""

from __future__ import annotations

from msgspec import Struct

from livequiz.domain.model import Difficulty, Reveal
from livequiz.protocol.fields import (
    AnswerIn,
    Client,
    ClientTime,
    Duration,
    InstructorId,
    MeetingId,
    Name,
    ObjectIdStr,
    PageSize,
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
    """The base of all requests; a default is not sent, as older servers may not know its field."""


class Handshake(Request, forbid_unknown_fields=False):
    """The `auth` object of a connection; `client` is `name/version`.

    `question_types` are those that the client can show; `join_student` may say so as well.
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

    `answer` is the 0-based place of the option as shown, a list of places for `multiple`, a
    number (or its text, `3,14` too) for `numeric`, a text for `short_text`.
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
    """`time_sync`; the client's own clock, given back untouched."""

    client_time: ClientTime = None

    def __post_init__(self) -> None:
        self.client_time = time_or_none(self.client_time)


class JoinInstructor(Request):
    """`join_instructor`; `batch` asks for `ANSWER_UPDATES` instead of one event an answer."""

    instructor_id: InstructorId
    meeting_id: MeetingId
    token: Token | None = None
    batch: bool = False


class PreviewRound(Request):
    """`preview_round`: the filters of a trigger, before anything is sent."""

    meeting_id: MeetingId
    topics: Topics | None = None
    difficulty: Difficulty | None = None
    allow_repeats: bool = False
    question_ids: QuestionIds | None = None


class ListQuestions(Request):
    """`list_questions`: a page of the bank, of those after a question."""

    meeting_id: MeetingId
    after: ObjectIdStr | None = None
    limit: PageSize = 100


class TriggerQuestions(Request):
    """`trigger_questions`; `duration` in seconds, of `question_ids` alone if there are any."""

    meeting_id: MeetingId
    duration: Duration | None = None
    topics: Topics | None = None
    difficulty: Difficulty | None = None
    shuffle_options: bool = False
    allow_repeats: bool = False
    draw_seed: Seed | None = None
    reveal: Reveal | None = None
    question_ids: QuestionIds | None = None


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
    """`set_student`; `time_factor` says how much more time than the others it has."""

    meeting_id: MeetingId
    student_id: StudentId
    time_factor: TimeFactor


class LockMeeting(Request):
    """`lock_meeting`"""

    meeting_id: MeetingId
    locked: bool
