"""The values of a student's join form, and their validation."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from livequiz.client.address import complete, from_page
from livequiz.client.guest import CODE_LENGTH
from livequiz.domain.codes import LETTERS
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import clean_name
from livequiz.protocol.codec import decode
from livequiz.protocol.requests import JoinStudent

FIELDS = ("url", "meeting_id", "student_id", "name")  # as the wire and QuizError.field name them
_MISSING = {
    "url": "Type the address your teacher shows you.",
    "meeting_id": "Type the code your teacher shows you.",
    "student_id": "Type your id, such as S001.",
    "name": "Type your name.",
}
_ALLOWED = {
    "meeting_id": "Only letters, digits, _ and -, at most 32.",
    "student_id": "Only letters, digits and . _ @ -, at most 64.",
}


@dataclass(frozen=True, slots=True)
class JoinEntry:
    """The form's values; empty strings where something is missing.

    Attributes:
        url: The server's address; that of its page names the meeting too.
        code: The rejoin code of a guest, which is never missing: see `guest`.
    """

    url: str = ""
    meeting_id: str = ""
    student_id: str = ""
    name: str = ""
    code: str = ""

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that are empty, in the form's order."""
        return tuple(field for field in FIELDS if not getattr(self.split(), field))

    def split(self) -> JoinEntry:
        """Return the entry with the meeting that its address names, if it names one.

        It replaces another one: that may be last week's, which the form remembers.
        """
        address = from_page(self.url)
        meeting_id = address.meeting_id or self.meeting_id
        return replace(self, url=address.url, meeting_id=meeting_id)

    def checked(self) -> JoinEntry:
        """Return the entry, validated and normalized for the server.

        Raises:
            QuizError: `bad_request`, with the first invalid field.
        """
        for field in self.missing:
            raise QuizError(Code.BAD_REQUEST, _MISSING[field], field)
        name = clean_name(self.name)
        given = self.split()
        meeting_id, code = given.meeting_id.upper(), self.code.upper()
        if code and not (len(code) == CODE_LENGTH and set(code) <= set(LETTERS)):
            why = (
                f"A rejoin code has {CODE_LENGTH} letters and digits; leave it out the first time."
            )
            raise QuizError(Code.BAD_REQUEST, why, "code")
        entry = JoinEntry(complete(given.url), meeting_id, self.student_id, name, code)
        values = asdict(entry)
        del values["url"], values["code"]
        try:
            decode(values, JoinStudent)
        except QuizError as error:
            why = _ALLOWED.get(error.field or "", error.message)
            raise QuizError(error.code, why, error.field) from None
        return entry
