"""The student's app: the join form, the lesson, and the transitions between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from time import monotonic
from typing import ClassVar

from textual import on
from textual.css.query import NoMatches

from livequiz.client import remembered
from livequiz.client.event_types import Event, JoinRefused
from livequiz.client.guest import CODE_LENGTH, Guest
from livequiz.client.join_entry import JoinEntry
from livequiz.client.remembered import Remembered
from livequiz.client.server_search import Finder, servers
from livequiz.client.session_runner import SessionRunner, load
from livequiz.domain.codes import random_code
from livequiz.domain.errors import QuizError
from livequiz.protocol.messages import Joined, Removed
from livequiz.tui.base import BaseApp, Clock
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.lesson import Lesson
from livequiz.tui.student.question import QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.confirm import Confirm

WHAT_TO_DO = {
    "removed": "Press Join if you should be here.",
    "banned": "Ask your teacher if you think this is a mistake.",
    "replaced": "Press Join to continue in this terminal instead.",
}


class StudentApp(BaseApp):
    """A student's terminal app.

    Args:
        url: The server's address. Anything that is None comes from the last session or the form.
        meeting: The code that the teacher shows.
        student_id: The student's id.
        name: The student's display name.
        tls_ca: A private CA to trust for `https://`, PEM.
        clock: Measures durations, in seconds; tests pass a fake one.
        finder: Discovers servers on this network.
        guest: On whose behalf it runs, if not for this computer's user.
    """

    TITLE = "LiveQuiz"
    # Here and not in the screens: Textual parses all style sheets anew for each screen's own.
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        *BaseApp.CSS_PATH,
        "join.tcss",
        "waiting.tcss",
        "question.tcss",
        "my_answers.tcss",
    ]

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
        guest: Guest | None = None,
    ) -> None:
        super().__init__(clock, hosted=guest is not None)
        self._guest = guest
        known = Remembered() if guest is not None else remembered.load()
        self._entry = JoinEntry(
            url or known.url,
            meeting or known.meeting,
            student_id or known.student_id,
            name or (known.name if student_id in {None, known.student_id} else ""),
        )
        # Never join with a remembered id: the last user here may have been someone else.
        self._at_once = None not in (meeting, student_id) and self._entry.complete
        self._finder = finder
        self._form = self._new_form()
        self._link = SessionRunner(self.handle, self._refused, tls_ca, guest)
        self._lesson = Lesson(self)

    @property
    def rejoin_code(self) -> str:
        """What a guest who has joined types to come back; empty for others."""
        return self._lesson.rejoin_code if self.joined.is_set() else ""

    def _new_form(self, notice: str = "") -> JoinScreen:
        finder = self._finder if self._guest is None else None
        return JoinScreen(self._entry, finder, notice)

    async def on_mount(self) -> None:
        await self.push_screen(self._form)
        if self._at_once:
            self._form.action_join()
        else:
            self.after_first_frame(load)

    async def handle(self, event: Joined | Event) -> None:
        """Handle an event of the session."""
        with self._while_shown():
            await self._show(event)

    @contextmanager
    def _while_shown(self) -> Iterator[None]:
        """Ignore events that arrive during teardown of the screens."""
        try:
            yield
        except NoMatches:
            if self.is_running:
                raise

    async def _show(self, event: Joined | Event) -> None:
        if isinstance(event, Removed) and event.reason != "shutdown":
            if event.reason != "replaced":
                self._entry = replace(self._entry, code="")  # it opens no seat any more
            await self._back_to_form(f"{event.message} {WHAT_TO_DO.get(event.reason, '')}")
        elif isinstance(event, JoinRefused):
            await self._back_to_form(
                "The connection is back, but you are no longer in the meeting."
            )
            self._form.refuse(event.error)
        else:
            await self._lesson.handle(event)

    def _refused(self, error: QuizError) -> bool:
        return self._form.refuse(error)

    async def _back_to_form(self, notice: str) -> None:
        self._form = self._new_form(notice)
        await self._lesson.clear()
        await self.switch_screen(self._form)

    @on(JoinScreen.Wanted)
    def _join(self, event: JoinScreen.Wanted) -> None:
        self._entry = event.entry
        if self._guest is not None and not self._entry.code:
            self._entry = replace(self._entry, code=random_code(CODE_LENGTH))
        self._lesson.rejoin_code = self._entry.code
        self.run_worker(self._link.run(self._entry), "join", "link", exclusive=True)

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

    @on(WaitingRoom.Wished)
    def _show_own(self, event: WaitingRoom.Wished) -> None:
        self.run_worker(self._show_own_now(event.what), "own", "own", exclusive=True)

    async def _show_own_now(self, what: str) -> None:
        with self._while_shown():
            await self._lesson.show_own(what, self._link.call)

    async def action_quit(self) -> None:
        """Quit; while a question is open, ask for confirmation first."""
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
