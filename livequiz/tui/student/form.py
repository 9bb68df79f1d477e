"""What a student types to join, and which of it can't be right."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from livequiz.client.address import complete
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import clean_name
from livequiz.protocol.codec import decode
from livequiz.protocol.requests import JoinStudent

FIELDS = ("url", "meeting_id", "student_id", "name")  # as the wire and QuizError.field name them
_MISSING = {
    "url": "Type the address that your teacher shows.",
    "meeting_id": "Type the code that your teacher shows.",
    "student_id": "Type your id, such as S001.",
    "name": "Type your name.",
}
_ALLOWED = {
    "meeting_id": "Only letters, digits, _ and -, at most 32.",
    "student_id": "Only letters, digits and . _ @ -, at most 64.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A filled-in form; empty strings where something is missing."""

    url: str = ""
    meeting_id: str = ""
    student_id: str = ""
    name: str = ""

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that are empty, in the form's order."""
        return tuple(field for field in FIELDS if not getattr(self, field))

    def checked(self) -> Entry:
        """Return the entry in the form that goes to the server.

        Raises:
            QuizError: `bad_request`, with the first field that can't be right.
        """
        for field in self.missing:
            raise QuizError(Code.BAD_REQUEST, _MISSING[field], field)
        entry = Entry(
            complete(self.url), self.meeting_id.upper(), self.student_id, clean_name(self.name)
        )
        values = asdict(entry)
        del values["url"]
        try:
            decode(values, JoinStudent)
        except QuizError as error:
            why = _ALLOWED.get(error.field or "", error.message)
            raise QuizError(error.code, why, error.field) from None
        return entry
