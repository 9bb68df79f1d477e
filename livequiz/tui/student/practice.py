"""Practice: the questions that a student missed, one after the other and untimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Static

from livequiz.client.practice import TRY_AGAIN, Call, PracticeRun, as_new
from livequiz.client.verdict_wording import of_practice, of_refusal
from livequiz.domain.errors import QuizError
from livequiz.protocol.answers import Stored
from livequiz.protocol.events import PRACTICE_ANSWER
from livequiz.protocol.messages import NewQuestion
from livequiz.protocol.practice import AskedQuestion, PracticeResult
from livequiz.protocol.requests import PracticeAnswer
from livequiz.tui.student.question import SETTLE_VERDICT, Phase, QuestionModal


class PracticeModal(QuestionModal):
    """A question's screen without time, that goes on to the next question.

    Args:
        questions: What to practise, at least one.
        call: Sends an event to the server.

    Attributes:
        progress: Which question it is, and what came of those before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Submit", key_display="Enter"),
        Binding("enter", "next", "Next", key_display="Enter"),
        Binding("escape", "stop", "Stop", key_display="Esc"),
    ]

    def __init__(self, questions: Sequence[AskedQuestion], call: Call[PracticeResult]) -> None:
        super().__init__()
        self.progress = PracticeRun(questions)
        self._call = call

    async def begin(self) -> None:
        """Show the current question."""
        with self.app.batch_update():
            await self.ask(as_new(self.progress.current))

    @on(events.ScreenResume)
    def _settle(self) -> None:
        """Take no key at first: it was meant for the round's verdict that covered this."""
        self._settled_at = max(self._settled_at, self.app.clock() + SETTLE_VERDICT)

    def refuse(self, error: QuizError) -> None:
        """Say why the answer was not checked, and let it be sent again if that may help."""
        if error.code not in TRY_AGAIN:
            self.judge(of_refusal(error))
            return
        self.lost = True
        self._go_on()
        self._say(f"Not checked. {error.message} Press Enter to try again.", "-alert")

    async def action_next(self) -> None:
        if self.unanswered or not self._settled:
            return
        if self.progress.last:
            self.action_stop()
        else:
            self.progress.index += 1
            await self.begin()

    def action_stop(self) -> None:
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        allowed = {"next": not self.unanswered, "back": False, "quit": False}
        return allowed.get(action, super().check_action(action, parameters))

    def _submit(self, answer: Stored, spent: float) -> None:
        del spent  # nobody wants to know
        self.run_worker(self._check(self.progress.current, answer), "check", "check")

    async def _check(self, question: AskedQuestion, answer: Stored) -> None:
        request = PracticeAnswer(question.question_id, answer)
        try:
            result = await self._call(PRACTICE_ANSWER, request, PracticeResult)
        except QuizError as error:
            self.refuse(error)
        else:
            self.progress.count(result)
            self.judge(of_practice(question, result))

    async def _put_away(self, key: str) -> None:
        if key in {"enter", "space"}:
            await self.action_next()
        elif key == "escape":
            self.action_stop()

    # --- how it looks -----------------------------------------------------------------------

    def _start_time(self, question: NewQuestion) -> None:
        """Start nothing: there is no hurry."""

    def _title(self, question: NewQuestion) -> str:
        return self.progress.title

    @property
    def _way_on(self) -> str:
        following = "finish" if self.progress.last else "go on"
        return f"Press Enter to {following}."

    def _show_verdict(self, shown: bool) -> None:
        """Show the verdict, or in its place what this is."""
        super()._show_verdict(shown)
        if shown:
            return
        self._countdown.display = False
        self.query_one("#verdict").set_classes(["neutral"])
        self.query_one("#verdict").display = not self.has_class("-short")
        self.query_one("#title", Static).update("Take your time")
        self.query_one("#detail", Static).update("Your teacher sees only how many you practise.")

    def _hint(self) -> None:
        if self.phase is Phase.SAVING:
            self._say("Checking your answer…", "")
        elif not self._connected:
            self._say("There is no connection. Choose, and press Enter once it is back.", "-alert")
        else:
            super()._hint()
