"""A class run by a script: events as JSON lines on stdout, commands as JSON lines on stdin.

An event is `{"event": NAME, ...}`, with the names and fields of `docs/protocol.md`. A command is
`{"do": "trigger", "duration": 60}`, with the fields of its request except `meeting_id`. Its
reply is `{"done": "trigger", ...}`, or `{"failed": "trigger", "code": ..., "message": ..., "field":
...}`. Both repeat the command's `id`, if it has one.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

import msgspec

from livequiz.client.event_types import (
    INSTRUCTOR_EVENTS,
    ConnectionBack,
    ConnectionLost,
    Event,
    JoinRefused,
)
from livequiz.client.instructor import InstructorSession
from livequiz.domain.errors import Code, QuizError
from livequiz.plain.console import Console
from livequiz.process.cancellation import cancel
from livequiz.protocol import events
from livequiz.protocol.bank import BankPage
from livequiz.protocol.codec import decode
from livequiz.protocol.figures import (
    EditQuestion,
    Figures,
    GetFigures,
    OfQuestion,
    QuestionChanged,
    QuestionRecord,
)
from livequiz.protocol.message import Message
from livequiz.protocol.messages import (
    AnswerUpdates,
    MeetingUpdated,
    Preview,
    QuestionsSent,
    RoundClosed,
    RoundExtended,
)
from livequiz.protocol.requests import (
    ExtendRound,
    ListQuestions,
    LockMeeting,
    OfMeeting,
    PreviewRound,
    RemoveStudent,
    Request,
    SetStudent,
    ShowLeaderboard,
    ShowResults,
    TriggerQuestions,
)
from livequiz.protocol.snapshot import Snapshot

Json = dict[str, Any]
SLOWEST = 30.0  # seconds that a command may take

NAMES = {kind: name for name, kind in INSTRUCTOR_EVENTS.items()}


class Command(NamedTuple):
    """What a command sends, and what comes back."""

    event: str
    request: type[Request]
    reply: type[Message]


COMMANDS = {
    "trigger": Command(events.TRIGGER_QUESTIONS, TriggerQuestions, QuestionsSent),
    "preview": Command(events.PREVIEW_ROUND, PreviewRound, Preview),
    "close": Command(events.CLOSE_ROUND, OfMeeting, RoundClosed),
    "extend": Command(events.EXTEND_ROUND, ExtendRound, RoundExtended),
    "remove": Command(events.REMOVE_STUDENT, RemoveStudent, Message),
    "set_student": Command(events.SET_STUDENT, SetStudent, MeetingUpdated),
    "show_results": Command(events.SHOW_RESULTS, ShowResults, MeetingUpdated),
    "show_leaderboard": Command(events.SHOW_LEADERBOARD, ShowLeaderboard, MeetingUpdated),
    "figures": Command(events.GET_FIGURES, GetFigures, Figures),
    "question": Command(events.GET_QUESTION, OfQuestion, QuestionRecord),
    "edit_question": Command(events.EDIT_QUESTION, EditQuestion, QuestionChanged),
    "retire_question": Command(events.RETIRE_QUESTION, OfQuestion, QuestionChanged),
    "lock": Command(events.LOCK_MEETING, LockMeeting, MeetingUpdated),
    "snapshot": Command(events.GET_SNAPSHOT, OfMeeting, Snapshot),
    "questions": Command(events.LIST_QUESTIONS, ListQuestions, BankPage),
}


class JsonInstructor:
    """Carries out commands and passes on events until `{"do": "quit"}`, or the server ends it.

    Args:
        session: A session that is not open yet.
        console: Reads and writes the lines.
    """

    def __init__(self, session: InstructorSession, console: Console) -> None:
        self._session = session
        self._console = console
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, instructor_id: str, meeting_id: str, token: str) -> int:
        """Join, and go on until the end; return the exit code."""
        try:
            await self._session.open()
            snapshot = await self._session.join(instructor_id, meeting_id, token)
        except QuizError as error:
            self._write({"failed": "join", **_reason(error)})
            return 1
        self._write({"event": "joined", **_fields(snapshot)})
        listening = asyncio.create_task(self._listen())
        commanded = asyncio.create_task(self._read())
        try:
            await asyncio.wait({listening, commanded}, return_when=asyncio.FIRST_COMPLETED)
            if commanded.done() and self._running:
                await asyncio.wait(self._running)
            if listening.done():
                listening.result()
                return 1
            return 0
        finally:
            await cancel((listening, commanded, *self._running))
            await self._session.close()

    # --- commands ------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Start commands as they come, until one is `quit`; without input, only listen."""
        while (line := await self._console.read()) is not None:
            if not line:
                continue
            command = _command(line)
            if command is None:
                message = 'A command is a JSON object on one line, such as {"do": "trigger"}.'
                self._write({"failed": None, "code": Code.BAD_REQUEST, "message": message})
            elif command.get("do") == "quit":
                return
            else:
                task = asyncio.create_task(self._carry_out(command))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        await asyncio.get_running_loop().create_future()

    async def _carry_out(self, fields: Json) -> None:
        name, mark = fields.pop("do", None), {}
        if "id" in fields:
            mark = {"id": fields.pop("id")}
        try:
            reply = await self._ask(name, fields)
        except QuizError as error:
            self._write({"failed": name, **mark, **_reason(error)})
        else:
            self._write({"done": name, **mark, **_fields(reply)})

    async def _ask(self, name: object, fields: Json) -> Message:
        command = COMMANDS.get(name) if isinstance(name, str) else None
        if command is None:
            message = f"`do` is one of {', '.join(COMMANDS)} or quit."
            raise QuizError(Code.BAD_REQUEST, message, "do")
        request = decode({**fields, "meeting_id": self._session.meeting_id}, command.request)
        return await self._session.call(command.event, request, command.reply, SLOWEST)

    # --- events --------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for event in self._session.events():
            for line in _lines(event):
                self._write(line)
            if isinstance(event, JoinRefused):
                return

    def _write(self, line: Json) -> None:
        self._console.say(json.dumps(line, default=str))


def _command(line: str) -> Json | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _lines(event: Event) -> list[Json]:
    """Return an event as JSON objects: one for each answer of a batch."""
    match event:
        case AnswerUpdates():
            return [{"event": events.ANSWER_UPDATE, **_fields(each)} for each in event.updates]
        case ConnectionLost():
            return [{"event": "connection_lost", "reason": event.reason}]
        case ConnectionBack():
            return [{"event": "connection_back", **_fields(event.joined)}]
        case JoinRefused():
            return [{"failed": "join", **_reason(event.error)}]
        case _:
            return [{"event": NAMES[type(event)], **_fields(event)}]


def _fields(message: Message) -> Json:
    fields: Json = msgspec.to_builtins(message)
    return fields


def _reason(error: QuizError) -> Json:
    return {"code": error.code, "message": error.message, "field": error.field}
