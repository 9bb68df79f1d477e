"""What the instructor wants: asked for where it takes a dialog, then asked of the server."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING

from livequiz.domain.errors import QuizError
from livequiz.protocol.messages import Preview
from livequiz.tui.base import BaseApp
from livequiz.tui.instructor import words
from livequiz.tui.instructor.bank import BankScreen
from livequiz.tui.instructor.board import Board, Person
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.extra_time import ExtraTimeDialog
from livequiz.tui.instructor.remove import Choice, RemoveDialog
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.instructor.settings import SendSettings
from livequiz.tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from livequiz.client.instructor import InstructorSession

EXTENSION = 30.0  # seconds
SURE = 3.0  # seconds in which a key has to be pressed again


class Commands:
    """Carries out the wishes of a dashboard.

    Args:
        app: Shows the dialogs and runs the calls.
        board: What is known.
        dashboard: Says what was refused.
        session: Asks the server.
    """

    def __init__(
        self, app: BaseApp, board: Board, dashboard: Dashboard, session: InstructorSession
    ) -> None:
        self._app = app
        self._board = board
        self._dashboard = dashboard
        self._session = session
        self._settings = SendSettings()
        self._sure_until = 0.0  # by the clock, until when a second `c` closes the round

    def carry_out(self, wish: str) -> None:
        """Do what a `Dashboard.Wanted` names."""
        actions = {
            "send": self._ask_send,
            "close": self._close_round,
            "extend": self._extend_round,
            "remove": self._remove_student,
            "lock": self._switch_lock,
            "time": self._give_time,
            "bank": self._look_at_bank,
        }
        actions[wish]()

    def _ask_send(self, settings: SendSettings | None = None) -> None:
        if self._board.open:
            self._say("A round is open: c closes it, e gives it more time.")
            return
        settings = settings or self._settings
        dialog = SendDialog(settings, self._board.topics, self._preview_round)
        self._app.push_screen(dialog, self._trigger)

    def _look_at_bank(self) -> None:
        screen = BankScreen(
            self._settings, self._board.topics, self._session.bank, self._preview_round
        )
        self._app.push_screen(screen, self._send_from_bank)

    def _send_from_bank(self, settings: SendSettings | None) -> None:
        """Go on to the dialog with the filters of the bank; a round may be open by now."""
        if settings is not None:
            self._ask_send(settings)

    async def _preview_round(self, settings: SendSettings) -> Preview:
        return await self._session.preview(
            topics=list(settings.topics) or None,
            difficulty=settings.difficulty,
            allow_repeats=settings.allow_repeats,
            question_ids=settings.chosen,
        )

    def _trigger(self, settings: SendSettings | None) -> None:
        if settings is None:
            return
        # What was chosen one by one is meant for this round.
        self._settings = replace(settings, question_ids=frozenset())
        self._call(
            self._session.trigger(
                duration=settings.duration,
                topics=list(settings.topics) or None,
                difficulty=settings.difficulty,
                shuffle_options=settings.shuffle_options,
                allow_repeats=settings.allow_repeats,
                reveal=settings.reveal,
                question_ids=settings.chosen,
            )
        )

    def _close_round(self) -> None:
        """Close at once if everybody here has answered, else at the second time of asking."""
        waiting, now = len(self._board.waiting), self._app.clock()
        if waiting and now > self._sure_until:
            self._sure_until = now + SURE
            sentence = words.close_again(waiting)
            self._say(sentence)
            self._app.set_timer(SURE, lambda: self._dashboard.withdraw(sentence))
            return
        self._sure_until = now
        self._dashboard.withdraw()
        self._call(self._session.close_round())

    def _extend_round(self) -> None:
        self._call(self._session.extend_round(EXTENSION))

    def _switch_lock(self) -> None:
        self._call(self._session.lock(not self._board.locked))

    def _remove_student(self) -> None:
        person = self._chosen
        if person is None:
            self._say("Choose a student first (2 shows who is here); x then removes that student.")
            return

        def removed(choice: Choice | None) -> None:
            if choice is not None:
                ban = choice == "ban"
                self._call(self._session.remove_student(person.student_id, ban=ban))

        def let_in(confirmed: bool | None) -> None:
            if confirmed:
                self._call(self._session.remove_student(person.student_id))

        if person.banned:
            question = f"Let {person.name} ({person.student_id}) join again?"
            self._app.push_screen(Confirm(question, yes="Let in", no="Keep out"), let_in)
            return

        self._app.push_screen(RemoveDialog(person.name, person.student_id), removed)

    def _give_time(self) -> None:
        person = self._chosen
        if person is None:
            self._say("Choose a student first (2 shows who is here); t then gives extra time.")
            return

        def given(factor: float | None) -> None:
            if factor is not None:
                self._call(self._session.set_time_factor(person.student_id, factor))

        dialog = ExtraTimeDialog(person.name, person.student_id, person.time_factor)
        self._app.push_screen(dialog, given)

    @property
    def _chosen(self) -> Person | None:
        return self._board.people.get(self._dashboard.selected or "")

    def _call(self, call: Awaitable[object]) -> None:
        """Ask the server in the background; a refusal is shown as a sentence."""

        async def ask() -> None:
            try:
                await call
            except QuizError as error:
                self._say(error.message)

        self._app.run_worker(ask(), "ask", "ask")

    def _say(self, sentence: str) -> None:
        self._dashboard.refuse(sentence)
