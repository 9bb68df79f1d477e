"""The student's app: the form, the lesson, and the way from one to the other and out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

from textual import on
from textual.css.query import NoMatches

from livequiz.client.event_types import Event, JoinRefused
from livequiz.client.nearby import Finder, servers
from livequiz.domain.errors import QuizError
from livequiz.protocol.messages import Joined, Removed
from livequiz.tui import remembered
from livequiz.tui.base import BaseApp, Clock
from livequiz.tui.student.form import Entry
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.lesson import Lesson
from livequiz.tui.student.link import Link, load
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.widgets.confirm import Confirm

WHAT_TO_DO = {
    "removed": "Press Join if you are meant to be here.",
    "banned": "Ask your teacher if you think that is a mistake.",
    "replaced": "Press Join to go on in this terminal instead.",
}


class StudentApp(BaseApp):
    """A student's terminal.

    Args:
        url: Where the server is; what is None is taken from the last time, or asked for.
        meeting: The code that the teacher shows.
        student_id: Who, to the class.
        name: Who, to people.
        tls_ca: A private authority to trust with `https://`, PEM.
        clock: Where durations are measured, in seconds; tests stop it.
        finder: What looks for servers on this network.
    """

    TITLE = "LiveQuiz"

    def __init__(
        self,
        url: str | None = None,
        meeting: str | None = None,
        student_id: str | None = None,
        name: str | None = None,
        *,
        tls_ca: Path | None = None,
        clock: Clock = monotonic,
        finder: Finder = servers,
    ) -> None:
        super().__init__(clock)
        known = remembered.load()
        self._entry = Entry(
            url or known.url,
            meeting or known.meeting,
            student_id or known.student_id,
            name or known.name,
        )
        # What was remembered alone joins nobody: the last one here may have been somebody else.
        self._at_once = meeting is not None and self._entry.complete
        self._finder = finder
        self._form = JoinScreen(self._entry, finder)
        self._link = Link(self.handle, self._refused, tls_ca)
        self._lesson = Lesson(self)

    async def on_mount(self) -> None:
        await self.push_screen(self._form)
        if self._at_once:
            self._form.action_join()
        else:
            self.after_first_frame(load)

    async def handle(self, event: Joined | Event) -> None:
        """Show an event of the session; the one way in for all that comes from the server."""
        with self._while_shown():
            await self._show(event)

    @contextmanager
    def _while_shown(self) -> Iterator[None]:
        """Let an event pass that comes while the screens are being taken down."""
        try:
            yield
        except NoMatches:
            if self.is_running:
                raise

    async def _show(self, event: Joined | Event) -> None:
        if isinstance(event, Removed) and event.reason != "shutdown":
            await self._back_to_form(f"{event.message} {WHAT_TO_DO.get(event.reason, '')}")
        elif isinstance(event, JoinRefused):
            await self._back_to_form("The connection came back, but not into the meeting.")
            self._form.refuse(event.error)
        else:
            await self._lesson.handle(event)

    def _refused(self, error: QuizError) -> bool:
        return self._form.refuse(error)

    async def _back_to_form(self, notice: str) -> None:
        self._form = JoinScreen(self._entry, self._finder, notice)
        await self._lesson.clear()
        await self.switch_screen(self._form)

    @on(JoinScreen.Wanted)
    def _join(self, event: JoinScreen.Wanted) -> None:
        self._entry = event.entry
        self.run_worker(self._link.run(event.entry), "join", "link", exclusive=True)

    @on(JoinScreen.Stopped)
    def _stop_joining(self) -> None:
        self.workers.cancel_group(self, "link")

    @on(QuestionModal.Submitted)
    def _submit(self, event: QuestionModal.Submitted) -> None:
        self.run_worker(self._answer(event), "answer", "answer")

    async def _answer(self, event: QuestionModal.Submitted) -> None:
        question = event.question
        try:
            result = await self._link.answer(
                question.question_id,
                question.round_id,
                event.answer,
                spent=event.spent,
                doubted=partial(self._lesson.in_doubt, question),
            )
        except QuizError as error:
            with self._while_shown():
                self._lesson.not_stored(question, error)
        else:
            await self.handle(result)

    async def action_quit(self) -> None:
        """Leave; an open question asks back first."""
        if isinstance(self.screen, Confirm):
            return
        if self._lesson.unanswered:
            question = "Your question is still open. Leave it now?"
            confirm = Confirm(question, yes="Leave", no="Stay")
            await self.push_screen(confirm, self._quit_confirmed)
        else:
            self._quit_confirmed(True)

    def _quit_confirmed(self, confirmed: bool | None) -> None:
        if confirmed:
            self.run_worker(self._leave(), "leave", "leave", exclusive=True)

    async def _leave(self) -> None:
        await self._link.leave()
        self.exit()
