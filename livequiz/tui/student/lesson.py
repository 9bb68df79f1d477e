"""A student's lesson: shows the events of the session from joining to leaving."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any

from textual.screen import Screen

from livequiz.client.event_types import ConnectionBack, ConnectionLost, Event
from livequiz.client.practice import NOTHING_TO_PRACTISE, Call
from livequiz.client.record import Record, reveals
from livequiz.client.verdict_wording import of_closing, of_history, of_result
from livequiz.domain.errors import QuizError
from livequiz.protocol import events
from livequiz.protocol.answers import Stored
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.messages import (
    AnswerResult,
    Joined,
    NewQuestion,
    OpenRound,
    PresenceUpdated,
    RoundExtended,
    StudentRoundClosed,
)
from livequiz.protocol.practice import OwnHistory, PracticeQuestions
from livequiz.protocol.requests import GetHistory, GetPractice
from livequiz.tui.base import BaseApp
from livequiz.tui.student.my_answers import MyAnswers
from livequiz.tui.student.practice import PracticeModal
from livequiz.tui.student.question import NOTHING, Phase, QuestionModal
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.connection import TopBar

NO_ANSWERS = "There is nothing to see yet: no round of yours is over."


class Lesson:
    """The waiting room, with at most one question on top of it.

    Args:
        app: The app whose screens it uses.

    Attributes:
        rejoin_code: What a guest types to come back; empty if this computer remembers the place.
    """

    def __init__(self, app: BaseApp) -> None:
        self._app = app
        self._room: WaitingRoom | None = None
        self._modal = QuestionModal()  # the newest question, shown or put away
        self._app.install_screen(self._modal, "question")  # kept while it is put away
        self._record = Record()
        self._found_open: OpenRound | None = None  # the round that was open at the join
        self._away_since: float | None = None
        self._practice = False  # whether the student may practise
        self.rejoin_code = ""

    @property
    def unanswered(self) -> bool:
        """Whether an open question is shown and not yet answered."""
        return self._shown is not None and self._shown.unanswered

    @singledispatchmethod
    async def handle(self, event: Joined | Event) -> None:
        """Show an event from the server or of the connection."""

    @handle.register
    async def handle_joined(self, joined: Joined) -> None:
        self._app.joined.set()
        self._room = WaitingRoom(joined.meeting_id, joined.name, self.rejoin_code)
        self._modal.question = NOTHING
        await self.clear()
        with self._app.batch_update():
            await self._app.switch_screen(self._room)
            try:
                await self._app.push_screen(self._modal)  # makes its widgets, without any hurry
            finally:
                if self._app.screen is self._modal:
                    await self._app.pop_screen()
        self._found_open = joined.round
        self._practice = joined.practice
        self._keep(Record.from_joined(joined))
        self._connection(True)
        self._show_leaderboard(joined.leaderboard)

    @handle.register
    async def handle_question(self, question: NewQuestion) -> None:
        self._show_leaderboard(None)
        known = self._of_round(question.round_id)
        if known is not None and known is self._shown:
            known.again(question)
        else:
            await self._ask(question, known.chosen if known is not None else None)

    @handle.register
    async def handle_result(self, result: AnswerResult) -> None:
        modal = self._of_round(result.round_id)
        if modal is not None:
            self._keep(self._record.with_result(modal.question, result))
        if modal is not None and modal is self._shown:
            modal.judge(of_result(modal.question, result, modal.chosen))

    @handle.register
    async def handle_closed(self, closed: StudentRoundClosed) -> None:
        modal, result = self._of_round(closed.round_id), closed.result
        if modal is None:
            self._close_answered_before(closed)
            return
        before = self._record.round(modal.question.round_number)
        if result is not None:
            self._keep(self._record.with_result(modal.question, result))
        if modal is not self._shown and reveals(before, result):
            modal = await self._ask(modal.question, modal.chosen)
        if modal is self._shown:
            lost = modal.lost or modal.phase is Phase.SAVING
            chosen = modal.chosen is not None
            modal.judge(of_closing(modal.question, result, closed.reason, lost=lost, chosen=chosen))

    @handle.register
    async def handle_extended(self, extended: RoundExtended) -> None:
        modal = self._of_round(extended.round_id)
        if modal is None:
            return
        if modal.phase is Phase.OVER and modal is not self._shown:
            modal = await self._ask(modal.question, modal.chosen)
        if modal is self._shown:
            modal.extend(extended)

    @handle.register
    async def handle_presence(self, presence: PresenceUpdated) -> None:
        if self._room is not None:
            self._room.here(presence.here)

    @handle.register
    async def handle_leaderboard(self, board: Leaderboard) -> None:
        self._show_leaderboard(board)

    @handle.register
    async def handle_lost(self, _: ConnectionLost) -> None:
        self._connection(False)

    @handle.register
    async def handle_back(self, back: ConnectionBack) -> None:
        self._connection(True)
        if not isinstance(back.joined, Joined):
            return
        self._show_leaderboard(back.joined.leaderboard)
        shown = self._shown
        known = self._record.round(shown.question.round_number) if shown is not None else None
        self._practice = back.joined.practice
        self._keep(self._record.renewed(back.joined))
        if known is None or known.correct is None:  # else its verdict says more than the history
            self._catch_up()

    def _close_answered_before(self, closed: StudentRoundClosed) -> None:
        """Record the verdict on a question that was answered before this client joined."""
        open_round = self._found_open
        if open_round is not None and open_round.round_id == closed.round_id and closed.result:
            self._keep(self._record.with_closing(open_round.round_number, closed.result))

    def in_doubt(self, question: NewQuestion) -> None:
        """Show that an answer may have been stored, while the client checks."""
        modal = self._of_round(question.round_id)
        if modal is not None and modal is self._shown:
            modal.doubt()

    def not_stored(self, question: NewQuestion, error: QuizError) -> None:
        """Show why an answer was not stored."""
        modal = self._of_round(question.round_id)
        if modal is not None and modal is self._shown:
            modal.refuse(error)
            self._catch_up()

    def _catch_up(self) -> None:
        """Update the question on screen from the server's history.

        While offline, its round may have ended and its answer may have been stored.
        """
        modal = self._shown
        item = self._record.round(modal.question.round_number) if modal is not None else None
        if modal is not None and item is not None and modal.phase is not Phase.SAVING:
            modal.judge(of_history(modal.question, item, modal.chosen, lost=modal.lost))

    async def show_own(self, what: str, call: Call[Any]) -> None:
        """Show the student's `answers`, or let them practise.

        Args:
            what: `answers` or `practice`.
            call: Sends an event to the server.
        """
        room = self._room
        if room is None:
            return
        room.say("")
        screen, words = None, NOTHING_TO_PRACTISE if what == "practice" else NO_ANSWERS
        try:
            screen = await _own(what, call)
        except QuizError as error:
            words = error.message
        if self._app.screen is not room:
            return  # a question came meanwhile, or the student was removed
        if screen is None:
            room.say(words)
            return
        if isinstance(screen, PracticeModal):
            await self._app.push_screen(screen, lambda _: room.say(screen.progress.summary))
            await screen.begin()
        else:
            await self._app.push_screen(screen)
        self._connection(self._away_since is None)

    async def clear(self, down_to: type[Screen[None]] | None = None) -> None:
        """Close every screen above the waiting room.

        Screens close from the top: dismissing a covered one would pop the one that covers it.

        Args:
            down_to: A screen of this type stays, with what is below it.
        """
        while (
            len(self._app.screen_stack) > 2
        ):  # Textual's default screen, and the form or the waiting room
            if down_to is not None and isinstance(self._app.screen, down_to):
                break
            await self._app.pop_screen()
        await self._modal.rest()

    @property
    def _shown(self) -> QuestionModal | None:
        asked = self._modal.question is not NOTHING
        return self._modal if asked and self._modal in self._app.screen_stack else None

    def _of_round(self, round_id: str) -> QuestionModal | None:
        return self._modal if self._modal.question.round_id == round_id else None

    async def _ask(self, question: NewQuestion, chosen: Stored | None) -> QuestionModal:
        self._app.hold_collections()
        if self._room is not None:
            self._room.say("")
        with self._app.batch_update():  # painted once, when all of it is there
            if self._app.screen is not self._modal:
                await self.clear(down_to=PracticeModal)  # which goes on after the round
                await self._app.push_screen(self._modal)
            await self._modal.ask(question, chosen)
        self._connection(self._away_since is None)
        return self._modal

    def _keep(self, record: Record) -> None:
        self._record = record
        if self._room is not None:
            self._room.show(record, practice=self._practice)

    def _show_leaderboard(self, board: Leaderboard | None) -> None:
        """Show it in the waiting room: a verdict in front of that can be read to its end."""
        if self._room is not None:
            self._room.show_leaderboard(board)

    def _connection(self, connected: bool) -> None:
        if connected:
            self._away_since = None
        elif self._away_since is None:
            self._away_since = self._app.clock()
        for screen in self._app.screen_stack:
            for bar in screen.query(TopBar):
                bar.online() if connected else bar.offline(self._away_since)
            if isinstance(screen, QuestionModal):
                screen.connection(connected)


async def _own(what: str, call: Call[Any]) -> MyAnswers | PracticeModal | None:
    """Return the screen of the student's answers, or of practice; None if there is nothing."""
    if what == "answers":
        history = await call(events.GET_HISTORY, GetHistory(), OwnHistory)
        return MyAnswers(history) if history.items else None
    missed = await call(events.GET_PRACTICE, GetPractice(), PracticeQuestions)
    return PracticeModal(missed.questions, call) if missed.questions else None
