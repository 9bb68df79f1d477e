"""What a student sees between joining and leaving: each event of the session, and its screen."""

from __future__ import annotations

from functools import singledispatchmethod

from livequiz.client.event_types import ConnectionBack, ConnectionLost, Event
from livequiz.domain.errors import QuizError
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import (
    AnswerResult,
    HistoryItem,
    Joined,
    NewQuestion,
    OpenRound,
    PresenceUpdated,
    RoundExtended,
    StudentRoundClosed,
)
from livequiz.tui.base import BaseApp
from livequiz.tui.student.question import Phase, QuestionModal
from livequiz.tui.student.record import Record
from livequiz.tui.student.verdict import of_closing, of_history, of_result
from livequiz.tui.student.waiting import WaitingRoom
from livequiz.tui.widgets.connection import TopBar


class Lesson:
    """A waiting room with at most one question before it.

    Args:
        app: On whose screens it takes place.
    """

    def __init__(self, app: BaseApp) -> None:
        self._app = app
        self._room: WaitingRoom | None = None
        self._modal: QuestionModal | None = None  # the newest, shown or put away
        self._record = Record()
        self._found_open: OpenRound | None = None  # the round that was open when it joined
        self._away_since: float | None = None

    @property
    def unanswered(self) -> bool:
        """Whether a question is shown that takes an answer."""
        return self._shown is not None and self._shown.unanswered

    @singledispatchmethod
    async def handle(self, event: Joined | Event) -> None:
        """Show what the server said, or what became of the connection."""

    @handle.register
    async def handle_joined(self, joined: Joined) -> None:
        self._room = WaitingRoom(joined.meeting_id, joined.name)
        self._modal = None
        await self.clear()
        await self._app.switch_screen(self._room)
        self._found_open = joined.round
        self._keep(Record.from_joined(joined))
        self._connection(True)

    @handle.register
    async def handle_question(self, question: NewQuestion) -> None:
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
        if modal is not self._shown and _reveals(before, result):
            modal = await self._ask(modal.question, modal.chosen)
        if modal is self._shown:
            lost = modal.lost or modal.phase is Phase.SAVING
            modal.judge(of_closing(modal.question, result, closed.reason, lost=lost))

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
    async def handle_lost(self, _: ConnectionLost) -> None:
        self._connection(False)

    @handle.register
    async def handle_back(self, back: ConnectionBack) -> None:
        self._connection(True)
        if not isinstance(back.joined, Joined):
            return
        self._keep(self._record.renewed(back.joined))
        self._catch_up()

    def _close_answered_before(self, closed: StudentRoundClosed) -> None:
        """Note the verdict on a question that was answered before this program joined."""
        open_round = self._found_open
        if open_round is not None and open_round.round_id == closed.round_id and closed.result:
            self._keep(self._record.with_closing(open_round.round_number, closed.result))

    def in_doubt(self, question: NewQuestion) -> None:
        """Say that an answer may have been stored, and is looked for."""
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
        """Judge the question that is shown by the server's history.

        Its round may have ended, and its answer may have been stored, while nobody could say so.
        """
        modal = self._shown
        item = self._record.round(modal.question.round_number) if modal is not None else None
        if modal is not None and item is not None and modal.phase is not Phase.SAVING:
            modal.judge(of_history(modal.question, item, modal.chosen, lost=modal.lost))

    async def clear(self) -> None:
        """Put away all that lies before the waiting room.

        Screens are taken from the top: dismissing a covered one would pop whatever covers it.
        """
        while len(self._app.screen_stack) > 2:  # Textual's own, and the form or the room
            await self._app.pop_screen()

    @property
    def _shown(self) -> QuestionModal | None:
        return self._modal if self._modal in self._app.screen_stack else None

    def _of_round(self, round_id: str) -> QuestionModal | None:
        same = self._modal is not None and self._modal.question.round_id == round_id
        return self._modal if same else None

    async def _ask(self, question: NewQuestion, chosen: Stored | None) -> QuestionModal:
        await self.clear()
        self._modal = QuestionModal(question, chosen)
        await self._app.push_screen(self._modal)
        self._connection(self._away_since is None)
        return self._modal

    def _keep(self, record: Record) -> None:
        self._record = record
        if self._room is not None:
            self._room.show(record)

    def _connection(self, connected: bool) -> None:
        if connected:
            self._away_since = None
        elif self._away_since is None:
            self._away_since = self._app.clock()
        for screen in self._app.screen_stack:
            for bar in screen.query(TopBar):
                bar.online() if connected else bar.offline(self._away_since)
        if self._shown is not None:
            self._shown.connection(connected)


def _reveals(before: HistoryItem | None, result: AnswerResult | None) -> bool:
    """Whether the end of a round brings the verdict on an answer that was only stored so far."""
    kept_back = before is not None and before.answered and before.correct is None
    return kept_back and result is not None and result.correct is not None
