"""A student's class line by line: join, answer, learn what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import singledispatchmethod
from pathlib import Path

from livequiz.client.event_types import ConnectionBack, ConnectionLost, Event, JoinRefused
from livequiz.client.guest import CODE_LENGTH, Guest
from livequiz.client.join_entry import FIELDS, JoinEntry
from livequiz.client.leaderboard_wording import place_lines
from livequiz.client.record import Record, reveals
from livequiz.client.session_runner import SessionRunner
from livequiz.client.verdict_wording import Verdict, of_closing, of_history, of_refusal, of_result
from livequiz.domain.codes import random_code
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Way
from livequiz.plain.answers import read_answer
from livequiz.plain.console import Console
from livequiz.plain.practice import LookingBack
from livequiz.plain.round import Round
from livequiz.plain.wording import HELP, question_lines, score_lines, time_left, verdict_lines
from livequiz.process.cancellation import cancel
from livequiz.protocol.answers import Stored
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.messages import (
    AnswerResult,
    Joined,
    NewQuestion,
    OpenRound,
    Removed,
    RoundExtended,
    StudentRoundClosed,
)

MISTAKEN = 10.0  # seconds in which what is typed may be meant for the practice before
LAST_TRY = 10.0  # seconds to save an answer before leaving
LOOKING_BACK = {"history", "practise", "practice", "stop"}
COMMANDS = {"time?", "time", "repeat", "help", "?", "score", "quit", *LOOKING_BACK}
PROMPTS = {
    "url": "Address that your teacher shows",
    "meeting_id": "Meeting code",
    "student_id": "Your student id",
    "name": "Your name",
}


HELP_TO_JOIN = "Type what is asked for, and press Enter. Type quit to stop."


class PlainStudent:
    """A student who reads and types lines.

    Args:
        console: Reads and writes the lines.
        tls_ca: A private CA to trust for `https://`, PEM.
        guest: On whose behalf it runs, if not for this computer's user.

    Attributes:
        joined: Is set once the student is in the class.
    """

    def __init__(
        self, console: Console, tls_ca: Path | None = None, guest: Guest | None = None
    ) -> None:
        self._console = console
        self._guest = guest
        self._code = ""  # a guest's rejoin code
        self._session = SessionRunner(self._handle, self._refused, tls_ca, guest, Way.PLAIN)
        self._own = LookingBack(self._session.call, console.say, lambda: self._asked)
        self._record = Record()
        self._round: Round | None = None  # the newest
        self._found_open: OpenRound | None = None  # the round that was open at the join
        self._name = ""
        self._places: Leaderboard | None = None  # the leaderboard that was said last
        self._refusal: QuizError | None = None
        self._waiting = False  # for the meeting to be opened
        self.joined = asyncio.Event()
        self._failed = False

    async def run(self, entry: JoinEntry, known: JoinEntry) -> int:
        """Join and take part until the student leaves, or the server ends it.

        Args:
            entry: What is given already; the rest is asked for.
            known: What to suggest for the rest.

        Returns:
            The exit code: 0 if the student left.
        """
        while True:
            asked = await self._fill_in(entry, known)
            if asked is None:
                return 1
            self._refusal = None
            if self._guest is not None:
                asked = replace(asked, code=asked.code or random_code(CODE_LENGTH))
                self._code = asked.code
            if await self._take_part(asked):
                return 1 if self._failed else 0
            field = getattr(self._refusal, "field", None)
            if field not in PROMPTS:
                return 1
            known, entry = asked, replace(asked, **{field: "", "code": ""})
            if self._guest is not None and getattr(self._refusal, "code", None) is Code.CONFLICT:
                self._console.say("If the id is yours, type your rejoin code; otherwise Enter:")
                if line := await self._console.read():
                    entry = replace(asked, code=line)

    # --- joining -----------------------------------------------------------------------------

    async def _fill_in(self, entry: JoinEntry, known: JoinEntry) -> JoinEntry | None:
        """Ask for what is missing; return None once there is no more input."""
        while True:
            for field in FIELDS:
                if field not in entry.missing:
                    continue
                suggested = getattr(known, field)
                self._console.say(f"{PROMPTS[field]}{f' [{suggested}]' if suggested else ''}:")
                line = await self._console.read()
                if line is None or line.lower() == "quit":
                    return None
                if line.lower() in {"help", "?"}:
                    self._console.say(HELP_TO_JOIN)
                    break
                entry = replace(entry, **{field: line or suggested}).split()
            else:
                try:
                    return entry.checked()
                except QuizError as error:
                    self._console.say(error.message)
                    if error.field not in PROMPTS:
                        return None
                    entry = replace(entry, **{error.field: ""})

    def _refused(self, error: QuizError) -> bool:
        if error.code is Code.NOT_FOUND and error.field != "url":
            if not self._waiting:
                self._console.say(f"{error.message} Waiting for it. Type quit to stop.")
            self._waiting = True
            return True
        self._refusal = error
        self._console.say(error.message)
        return False

    async def _take_part(self, entry: JoinEntry) -> bool:
        """Take part until the student quits, or the session ends; return False to ask again."""
        session = asyncio.create_task(self._session.run(entry))
        typed = asyncio.create_task(self._read_lines())
        try:
            await asyncio.wait({session, typed}, return_when=asyncio.FIRST_COMPLETED)
            if typed.done():
                await self._leave()
            else:
                session.result()
            return self._refusal is None
        finally:
            await cancel((session, typed))

    async def _leave(self) -> None:
        if not self.joined.is_set():
            self._failed = True
            self._console.say("You have not joined a class.")
            return
        if self._round is not None and not await self._round.saved(LAST_TRY):
            self._failed = True
            self._console.say("Your answer could not be stored.")
        await self._session.leave()
        self._console.say("You have left the class.")

    # --- what the student types --------------------------------------------------------------

    async def _read_lines(self) -> None:
        """Carry out lines until the student quits or the input ends."""
        left = False
        while not left and (line := await self._console.read()) is not None:
            command = line.lower().lstrip("/")
            if command == "quit":
                left = self._sure_to_leave()
            elif command in LOOKING_BACK:
                await self._look_back(command)
            elif command in COMMANDS or not line:
                self._carry_out(command)
            elif self._own.question is not None:
                await self._own.answer(_unquoted(line))
            else:
                self._answer(line)

    def _sure_to_leave(self) -> bool:
        """Return whether to leave now; an open question needs a second `quit`."""
        quiz = self._round
        if quiz is None or quiz.over or quiz.sent is not None or quiz.leaving:
            return True
        quiz.leaving = True
        self._console.say("Your question is still open. Type quit again to leave it.")
        return False

    @property
    def _asked(self) -> bool:
        """Whether a round's question waits for an answer, or for its end."""
        return self._round is not None and not self._round.over

    async def _look_back(self, command: str) -> None:
        if not self.joined.is_set():
            self._console.say("You have not joined a class.")
        elif self._asked:
            self._console.say(
                "Your question comes first. You can look back after it. To answer with this word, "
                f'put it in quotation marks: "{command}".'
            )
        elif command == "stop":
            self._own.stop()
        elif command == "history":
            await self._own.history()
        else:
            await self._own.practise()

    def _carry_out(self, command: str) -> None:
        quiz = self._round
        if command in {"help", "?"}:
            self._console.say(HELP)
        elif command == "score":
            self._console.say(*score_lines(self._record))
        elif self._own.question is not None:
            self._own.ask()
        elif quiz is None or quiz.over:
            self._console.say("There is no question now. Wait for the next one.")
        elif command == "repeat":
            self._console.say(*question_lines(quiz.current()))
        else:
            self._console.say(f"{time_left(quiz.left)}.")

    def _answer(self, line: str) -> None:
        quiz = self._round
        if quiz is None or quiz.over:
            self._console.say("There is no question now. Wait for the next one.")
        elif quiz.sent is not None:
            self._console.say("You have answered this question already.")
        elif quiz.interrupts and quiz.spent < MISTAKEN:
            quiz.interrupts = False
            self._console.say("A question came while you practised. Type your answer to it again.")
        else:
            try:
                answer = read_answer(_unquoted(line), quiz.question)
            except ValueError as error:
                self._console.say(str(error))
            else:
                quiz.send(answer, self._submit(quiz, answer))

    async def _submit(self, quiz: Round, answer: Stored) -> None:
        question = quiz.question
        try:
            result = await self._session.answer(
                question.question_id,
                question.round_id,
                answer,
                spent=quiz.spent,
                doubted=quiz.doubt,
            )
        except QuizError as error:
            quiz.lost = True
            if quiz.left > 0 and error.code not in {Code.TOO_LATE, Code.NO_ROUND, Code.NOT_FOUND}:
                quiz.sent = None
                self._console.say(f"Not stored. {error.message} Type your answer again.")
            else:
                self._judge(quiz, of_refusal(error))
        else:
            await self._handle(result)

    # --- what the server says ----------------------------------------------------------------

    @singledispatchmethod
    async def _handle(self, event: Joined | Event) -> None:
        """Say what an event means; others are not for this student's ears."""

    @_handle.register
    async def _joined(self, joined: Joined) -> None:
        self.joined.set()
        self._found_open = joined.round
        self._record = Record.from_joined(joined)
        self._console.say(
            f"You are in the class {joined.meeting_id} as {joined.name}. "
            "Wait for a question. Type help to learn what you can type."
        )
        if self._code:
            self._console.say(f"If you have to connect again, your rejoin code is {self._code}.")
        self._name = joined.name
        self._say_places(joined.leaderboard)

    @_handle.register
    async def _question(self, question: NewQuestion) -> None:
        if self._round is not None and self._round.question.round_id == question.round_id:
            self._round.renew(question)
            return
        if self._round is not None:
            self._round.stop()
        self._round = Round(question, self._console.say)
        self._round.interrupts = self._own.interrupted
        self._console.say("", *question_lines(question))

    @_handle.register
    async def _result(self, result: AnswerResult) -> None:
        quiz = self._of(result.round_id)
        if quiz is not None:
            self._record = self._record.with_result(quiz.question, result)
            if not quiz.over:
                self._judge(quiz, of_result(quiz.question, result, quiz.sent))

    @_handle.register
    async def _closed(self, closed: StudentRoundClosed) -> None:
        quiz, result = self._of(closed.round_id), closed.result
        if quiz is None:
            found = self._found_open
            if found is not None and found.round_id == closed.round_id and result:
                self._record = self._record.with_closing(found.round_number, result)
            return
        before = self._record.round(quiz.question.round_number)
        if result is not None:
            self._record = self._record.with_result(quiz.question, result)
        if not quiz.over or reveals(before, result):
            lost = quiz.lost or quiz.sent is not None
            self._judge(quiz, of_closing(quiz.question, result, closed.reason, lost=lost))

    @_handle.register
    async def _extended(self, extended: RoundExtended) -> None:
        quiz = self._of(extended.round_id)
        if quiz is not None and not quiz.over:
            quiz.extend(extended.remaining)
            self._console.say(f"More time: {time_left(extended.remaining)}.")

    @_handle.register
    async def _leaderboard(self, board: Leaderboard) -> None:
        self._say_places(board)

    @_handle.register
    async def _removed(self, removed: Removed) -> None:
        self._console.say(removed.message)
        self._failed = removed.reason != "shutdown"

    @_handle.register
    async def _join_refused(self, refused: JoinRefused) -> None:
        self._console.say("The connection is back, but you are no longer in the class.")
        self._refused(refused.error)

    @_handle.register
    async def _lost(self, _: ConnectionLost) -> None:
        self._console.say("The connection is lost. Trying to get it back; what you type is kept.")

    @_handle.register
    async def _back(self, back: ConnectionBack) -> None:
        self._console.say("The connection is back.")
        if isinstance(back.joined, Joined):
            self._say_places(back.joined.leaderboard)
            self._record = self._record.renewed(back.joined)
            quiz = self._round
            item = self._record.round(quiz.question.round_number) if quiz is not None else None
            if quiz is not None and item is not None and not quiz.over and not quiz.saving:
                self._judge(quiz, of_history(quiz.question, item, quiz.sent, lost=quiz.lost))

    def _say_places(self, board: Leaderboard | None) -> None:
        """Say a leaderboard, unless it is the one that was said last."""
        if board is not None and board.of and board != self._places:
            self._console.say(*place_lines(board, self._name))
        self._places = board

    def _of(self, round_id: str) -> Round | None:
        same = self._round is not None and self._round.question.round_id == round_id
        return self._round if same else None

    def _judge(self, quiz: Round, verdict: Verdict) -> None:
        quiz.stop()
        self._console.say(*verdict_lines(verdict))
        self._own.ask()  # what they were practising goes on


def _unquoted(line: str) -> str:
    """Return a text without the quotation marks that tell it from a command."""
    quoted = len(line) > 2 and line[0] == line[-1] == '"'
    return line[1:-1] if quoted and line[1:-1].lower() in COMMANDS else line
