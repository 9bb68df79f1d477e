"""The dashboard's commands: open a dialog where one is needed, then call the server."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from livequiz.domain.errors import QuizError
from livequiz.domain.model import NamesAs
from livequiz.protocol.figures import QuestionRecord
from livequiz.protocol.messages import Preview
from livequiz.protocol.requests import RoundRequest
from livequiz.tui.base import BaseApp
from livequiz.tui.instructor import labels
from livequiz.tui.instructor.bank_screen import BankScreen
from livequiz.tui.instructor.board import NOBODY, Board, Person
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.export import ExportDialog, Save
from livequiz.tui.instructor.extra_time import ExtraTimeDialog
from livequiz.tui.instructor.figures import SCOPES
from livequiz.tui.instructor.leaderboard import LeaderboardScreen
from livequiz.tui.instructor.question_editor import QuestionEditor
from livequiz.tui.instructor.question_record import QuestionRecordScreen
from livequiz.tui.instructor.remove import Choice, RemoveDialog
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.instructor.summary import SummaryScreen
from livequiz.tui.widgets.confirm import Confirm

if TYPE_CHECKING:
    from livequiz.client.instructor import InstructorSession

EXTENSION = 30.0  # seconds
SURE = 3.0  # seconds within which a second key press confirms


class Commands:
    """Runs the commands of a dashboard.

    Args:
        app: Shows the dialogs and runs the calls.
        board: The state of the meeting.
        dashboard: Shows errors.
        session: Calls the server.
        save: Writes the results to a file; None where none may be written.
    """

    def __init__(
        self,
        app: BaseApp,
        board: Board,
        dashboard: Dashboard,
        session: InstructorSession,
        save: Save | None,
    ) -> None:
        self._app = app
        self._board = board
        self._dashboard = dashboard
        self._session = session
        self._save = save
        self._settings = RoundRequest()
        self._sure_until = 0.0  # clock time until which a second `c` closes the round

    def carry_out(self, wish: str) -> None:
        """Run a command of the dashboard."""
        actions = {
            "send": self._ask_send,
            "close": self._close_round,
            "extend": self._extend_round,
            "remove": self._remove_student,
            "lock": self._switch_lock,
            "time": self._give_time,
            "bank": self._look_at_bank,
            "results": self._switch_results,
            "show results": self._show_results,
            "export": self._export,
            "figures": self._other_figures,
            "summary": self._sum_up,
            "leaderboard": self._rank,
        }
        actions[wish]()

    def _ask_send(self, settings: RoundRequest | None = None) -> None:
        if self._board.open:
            self._say("A round is open. Press c to close it, or e to add time.")
            return
        settings = settings or self._settings
        dialog = SendDialog(settings, self._board.topics, self._preview_round)
        self._app.push_screen(dialog, self._trigger)

    def _look_at_bank(self) -> None:
        screen = BankScreen(
            self._settings, self._board.topics, self._session.bank, self._preview_round
        )
        self._app.push_screen(screen, self._send_from_bank)

    def _send_from_bank(self, settings: RoundRequest | None) -> None:
        """Open the send dialog with the bank's filters; a round may have opened meanwhile."""
        if settings is not None:
            self._ask_send(settings)

    async def _preview_round(self, settings: RoundRequest) -> Preview:
        return await self._session.preview(
            topics=settings.topics,
            difficulty=settings.difficulty,
            allow_repeats=settings.allow_repeats,
            question_ids=settings.question_ids,
        )

    def _trigger(self, settings: RoundRequest | None) -> None:
        if settings is None:
            return
        # Questions picked one by one apply to this round only.
        self._settings = structs.replace(settings, question_ids=None)
        self._call(self._session.trigger(**structs.asdict(settings)))

    def _close_round(self) -> None:
        """Close at once if everyone here has answered; otherwise require a second key press."""
        waiting, now = len(self._board.waiting), self._app.clock()
        if waiting and now > self._sure_until:
            self._sure_until = now + SURE
            sentence = labels.close_again(waiting)
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

    def _switch_results(self) -> None:
        """Show the results on all projectors, or hide them again."""
        quiz = self._board.round
        if quiz is not None:
            shown = self._board.results_of != quiz.round_id
            self._call(self._session.show_results(quiz.round_id, shown=shown))

    def _show_results(self) -> None:
        """Show the results here at once, and on all projectors."""
        quiz = self._board.round
        if quiz is not None and not quiz.open:
            self._board.results_of = quiz.round_id
            self._call(self._session.show_results(quiz.round_id))

    def _export(self) -> None:
        """Save the results of the meeting to a file of this machine."""
        if self._save is None:
            self._say(
                "No file is written over SSH: run `livequiz results` on the server's machine."
            )
            return

        def saved(file: Path | None) -> None:
            if file is not None:
                self._dashboard.say(f"Saved the results to {file}.")

        file = Path.cwd() / f"livequiz-{self._board.meeting_id}.html"
        self._app.push_screen(ExportDialog(file, self._save), saved)

    def _other_figures(self) -> None:
        """Go on to the figures of other rounds."""
        scopes = list(SCOPES)
        place = scopes.index(self._board.scope)
        self._board.scope = scopes[(place + 1) % len(scopes)]
        self._dashboard.changed(NOBODY)
        self.count_earlier()

    def count_earlier(self) -> None:
        """Ask for the figures of the rounds before the newest, if they are looked at."""
        scope = self._board.scope
        if scope is None or self._board.figures is not None:
            return

        async def count() -> None:
            found, quiz = await self._session.figures(scope), self._board.round
            if found.round_id == (quiz.round_id if quiz is not None else None):
                self._board.earlier[scope] = found  # else they are asked for again soon
                self._dashboard.changed(NOBODY)

        self._call(count())

    def _sum_up(self) -> None:
        def look_at(question_id: str | None) -> None:
            if question_id is not None:
                self.open_question(question_id)

        self._app.push_screen(SummaryScreen(self._board), look_at)

    def _rank(self) -> None:
        def show(shown: bool, top: int, names: NamesAs) -> Awaitable[object]:
            quiz = self._board.round
            round_id = quiz.round_id if quiz is not None else None
            return self._session.show_leaderboard(round_id, shown=shown, top=top, names=names)

        self._app.push_screen(LeaderboardScreen(self._board, show))

    def open_question(self, question_id: str) -> None:
        """Show a question with all answers to it so far."""

        async def look() -> None:
            record = await self._session.question(question_id)
            if self._app.screen is not self._dashboard:
                return  # a class may read the screen that is there now, and here are keys
            self._app.push_screen(QuestionRecordScreen(record), partial(self._change, record))

        self._call(look())

    def _change(self, record: QuestionRecord, wish: str | None) -> None:
        """Edit or retire a question."""

        def edited(stored: bool | None) -> None:
            if stored:
                self._dashboard.say("The question is stored. New rounds use it as it is now.")

        def retired(confirmed: bool | None) -> None:
            if confirmed:
                self._call(self._retire(record.question_id))

        if wish == "edit":
            store = partial(self._session.edit_question, record.question_id)
            self._app.push_screen(QuestionEditor(record.question, store), edited)
        elif wish == "retire":
            question = "Take this question out of the bank? Its answers stay."
            confirm = Confirm(question, yes="Retire it", no="Keep it")
            self._app.push_screen(confirm, retired)

    async def _retire(self, question_id: str) -> None:
        await self._session.retire_question(question_id)
        self._dashboard.say("The question is retired: nobody will get it from now on.")

    def _remove_student(self) -> None:
        person = self._chosen
        if person is None:
            self._say("Choose a student first (press 2 for the list), then press x to remove them.")
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
            self._app.push_screen(Confirm(question, yes="Lift the ban", no="Keep the ban"), let_in)
            return

        self._app.push_screen(RemoveDialog(person.name, person.student_id), removed)

    def _give_time(self) -> None:
        person = self._chosen
        if person is None:
            self._say("Choose a student first (press 2 for the list), then press t for extra time.")
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
        """Call the server in the background; show an error if it refuses."""

        async def ask() -> None:
            try:
                await call
            except QuizError as error:
                self._say(error.message)

        self._app.run_worker(ask(), "ask", "ask")

    def _say(self, sentence: str) -> None:
        self._dashboard.refuse(sentence)
