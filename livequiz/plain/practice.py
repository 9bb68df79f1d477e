"""What a student looks back at in plain mode: their own answers, and practice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from livequiz.client.practice import NOTHING_TO_PRACTISE, TRY_AGAIN, Call, PracticeRun, as_new
from livequiz.client.verdict_wording import of_practice
from livequiz.domain.errors import QuizError
from livequiz.plain.answers import read_answer
from livequiz.plain.wording import past_lines, practice_lines, verdict_lines
from livequiz.protocol import events
from livequiz.protocol.practice import AskedQuestion, OwnHistory, PracticeQuestions, PracticeResult
from livequiz.protocol.requests import GetHistory, GetPractice, PracticeAnswer


class LookingBack:
    """A student's earlier questions: shown, or asked again one after the other.

    Args:
        call: Sends an event to the server.
        say: Writes lines.
        busy: Returns whether a round's question comes first.
    """

    def __init__(self, call: Call[Any], say: Callable[..., None], busy: Callable[[], bool]) -> None:
        self._call = call
        self._say = say
        self._busy = busy
        self._run: PracticeRun | None = None

    @property
    def interrupted(self) -> bool:
        """Whether a round's question came in the middle of practice."""
        return self._run is not None and self._busy()

    @property
    def question(self) -> AskedQuestion | None:
        """The question to practise now; None if there is none, or a round's comes first."""
        return None if self._run is None or self._busy() else self._run.current

    async def history(self) -> None:
        """Say what was asked, answered and right, oldest first."""
        try:
            history = await self._call(events.GET_HISTORY, GetHistory(), OwnHistory)
        except QuizError as error:
            self._say(error.message)
            return
        if not history.items:
            self._say("No question of yours is over yet.")
        for item in reversed(history.items):
            self._say(*past_lines(item))

    async def practise(self) -> None:
        """Begin to ask what was missed."""
        try:
            missed = await self._call(events.GET_PRACTICE, GetPractice(), PracticeQuestions)
        except QuizError as error:
            self._say(error.message)
            return
        if not missed.questions:
            self._say(NOTHING_TO_PRACTISE)
            return
        self._run = PracticeRun(missed.questions)
        self._say("Take your time: your teacher sees only how many you practise. stop ends it.")
        self.ask()

    def ask(self) -> None:
        """Say the current question, if there is one."""
        if self._run is not None and not self._busy():
            self._say(*practice_lines(self._run))

    async def answer(self, line: str) -> None:
        """Have an answer checked, and go on to the next question."""
        run = self._run
        if run is None:
            return
        question = run.current
        try:
            request = PracticeAnswer(question.question_id, read_answer(line, as_new(question)))
            result = await self._call(events.PRACTICE_ANSWER, request, PracticeResult)
        except ValueError as error:
            self._say(str(error))
            return
        except QuizError as error:
            self._say(f"Not checked. {error.message}")
            if error.code in TRY_AGAIN:
                return
        else:
            run.count(result)
            self._say(*verdict_lines(of_practice(question, result)))
        if run.last:
            self.stop()
        else:
            run.index += 1
            self.ask()

    def stop(self) -> None:
        """End practice, and say what came of it."""
        run, self._run = self._run, None
        if run is None:
            self._say("You are not practising.")
        else:
            self._say(run.summary or "You have practised no question.")
