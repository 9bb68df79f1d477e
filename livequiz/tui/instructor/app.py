"""The instructor's app: the join form, the dashboard, and the server's events."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from livequiz.client import remembered
from livequiz.client.event_types import ConnectionBack, ConnectionLost, Event, JoinRefused
from livequiz.client.guest import Guest
from livequiz.client.remembered import Remembered
from livequiz.domain.errors import QuizError
from livequiz.protocol.fields import Timestamp, seconds_between
from livequiz.protocol.messages import (
    MeetingUpdated,
    QuestionsSent,
    RoundClosed,
    RoundExtended,
    StudentJoined,
    StudentLeft,
)
from livequiz.protocol.snapshot import Snapshot
from livequiz.tui.base import BaseApp, Clock
from livequiz.tui.instructor import labels
from livequiz.tui.instructor.board import Board
from livequiz.tui.instructor.commands import Commands
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.detail_screen import DetailScreen
from livequiz.tui.instructor.export import saver
from livequiz.tui.instructor.join import InstructorEntry, InstructorJoin
from livequiz.tui.instructor.local_server import NO_SERVER, Advise, Find, is_here
from livequiz.tui.instructor.response_rows import verdict
from livequiz.tui.instructor.send import SendDialog
from livequiz.tui.widgets.confirm import Confirm
from livequiz.tui.widgets.countdown import Countdown

if TYPE_CHECKING:
    from livequiz.client.instructor import InstructorSession

# Seconds before options and keys are fetched; the longer one batches a run of late joins.
NOW, LATECOMERS = 0.01, 0.3


class InstructorApp(BaseApp):
    """An instructor's dashboard.

    Args:
        url: The server's address. Anything that is None comes from the last session or the form.
        meeting: The meeting to join, or to open.
        instructor_id: Who.
        token: The instructor token; it is never remembered.
        find: Looks for the server of this machine, which is taken where no other is named.
        advise: Says what to do when that server is not found.
        tls_ca: A private authority to trust with `https://`, PEM.
        clock: Where durations are measured, in seconds; tests stop it.
        guest: On whose behalf it runs, if not for this computer's user.
    """

    TITLE = "LiveQuiz"

    def __init__(
        self,
        url: str | None = None,
        meeting: str | None = None,
        instructor_id: str | None = None,
        token: str | None = None,
        *,
        find: Find | None = None,
        advise: Advise = lambda: NO_SERVER,
        tls_ca: Path | None = None,
        clock: Clock = monotonic,
        guest: Guest | None = None,
    ) -> None:
        super().__init__(clock, hosted=guest is not None)
        self._guest = guest
        self._tls_ca = tls_ca
        self._find = find
        self._advise = advise
        fields = {"url": url, "meeting_id": meeting, "instructor_id": instructor_id, "token": token}
        self._given = {name for name, value in fields.items() if value}
        known = Remembered() if guest is not None else remembered.load()
        here = find(url) if find is not None else None
        self._entry = InstructorEntry(
            here.url if here is not None else url or known.url,
            meeting or (here.meeting_id if here is not None else known.meeting),
            instructor_id or known.instructor_id or "teacher",
            token or (here.token if here is not None else ""),
        )
        self._at_once = bool(meeting or here) and not self._entry.missing
        self.board = Board(clock=clock)
        self._session: InstructorSession | None = None
        self._dashboard: Dashboard | None = None
        self._commands: Commands | None = None
        self._learning: Timer | None = None
        self._duration = 1.0  # of the open round, in seconds
        self._ends: Timestamp | None = None  # its deadline

    async def on_mount(self) -> None:
        form = InstructorJoin(self._entry, self._find, self._given, self._advise)
        await self.push_screen(form)
        if self._at_once:
            form.action_join()
        else:
            self.after_first_frame(_load)

    @property
    def _shown_url(self) -> str:
        """The address that students are to type: not one that only this machine has."""
        if self._guest is not None:
            return self._guest.shown_url
        typed = self._entry.url
        return self.board.address if self.board.address and is_here(typed) else typed

    @on(InstructorJoin.Wanted)
    def _join(self, event: InstructorJoin.Wanted) -> None:
        self._entry = event.entry
        self.run_worker(self._live(event.entry), "session", "session", exclusive=True)

    async def _live(self, entry: InstructorEntry) -> None:
        """Join, then handle events until the session ends."""
        session_type = await asyncio.to_thread(_load)
        session = self._session = session_type(entry.url, tls_ca=self._tls_ca, guest=self._guest)
        try:
            await session.open()
            snapshot = await session.join(entry.instructor_id, entry.meeting_id, entry.token)
        except QuizError as error:
            await session.close()
            if isinstance(self.screen, InstructorJoin):
                self.screen.refuse(error)
            return
        self.joined.set()
        if self._guest is None:
            remembered.change(lambda memory: _remember(memory, entry))
        await self.show(snapshot)
        try:
            async for event in session.events():
                await self.handle(event)
        finally:
            await session.close()

    # --- events from the server --------------------------------------------------------------

    async def show(self, snapshot: Snapshot) -> None:
        """Show the dashboard with the state in a snapshot."""
        self.board.load(snapshot)
        if self._dashboard is None:
            self._dashboard = Dashboard(self.board, self._shown_url, self.clock, self._carry_out)
            if self._session is not None:
                entry, save = self._entry, None
                if self._guest is None:
                    save = saver(entry.url, entry.token, self._tls_ca, self.board.meeting_id)
                self._commands = Commands(self, self.board, self._dashboard, self._session, save)
            await self.switch_screen(self._dashboard)
        else:
            self.dashboard.reload()
        self.dashboard.online()
        if snapshot.unreadable:
            self.dashboard.say(labels.left_out(snapshot.unreadable), urgent=True)
        self._run_clock(snapshot)
        if self._commands is not None:
            self._commands.count_earlier()

    async def handle(self, event: Event) -> None:
        """Apply an event to the board and update the screen."""
        if isinstance(event, ConnectionBack):
            self.dashboard.withdraw()
            if isinstance(event.joined, Snapshot):
                await self.show(event.joined)
        elif isinstance(event, ConnectionLost):
            self.dashboard.offline()
        elif isinstance(event, JoinRefused):
            self.dashboard.refuse(f"The server is back but refused: {event.error.message}")
        elif isinstance(event, QuestionsSent):
            self._round_opened(event)
        elif isinstance(event, RoundExtended):
            self._round_extended(event)
        else:
            self.dashboard.changed(self.board.apply(event))
        if isinstance(event, MeetingUpdated):
            self._meeting_updated(event)
        if isinstance(event, RoundClosed):
            self._round_closed()
        if isinstance(event, StudentJoined | StudentLeft) and isinstance(self.screen, SendDialog):
            self.screen.refresh_preview()

    def _round_opened(self, event: QuestionsSent) -> None:
        rows = self.board.apply(event)
        if event.late and not event.assignments:
            self.dashboard.say(" ".join(event.warnings), urgent=True)
            return
        if event.late:
            self.dashboard.changed(rows, more=True)
        else:
            self.dashboard.reload()
            self.dashboard.refresh_bindings()
            self._duration, self._ends = event.duration, event.deadline
            self._countdown.start(event.duration, event.duration)
            self.dashboard.say(" ".join(event.warnings), urgent=bool(event.warnings))
        if self._learning is not None:
            self._learning.stop()
        self._learning = self.set_timer(LATECOMERS if event.late else NOW, self._learn)

    def _learn(self) -> None:
        self.run_worker(self._fetch_details(), "learn", "learn", exclusive=True)

    async def _fetch_details(self) -> None:
        """Fetch options and keys, which the round's event leaves out."""
        assert self._session is not None  # noqa: S101
        try:
            snapshot = await self._session.snapshot()
        except QuizError:
            return  # a reconnect brings a snapshot anyway
        self.dashboard.changed(self.board.learn(snapshot))
        if self._commands is not None:
            self._commands.count_earlier()

    def _meeting_updated(self, event: MeetingUpdated) -> None:
        self.dashboard.database(event.database_away)
        if event.results_of is not None:
            self.dashboard.say(labels.RESULTS_SHOWN if event.results_of else labels.RESULTS_HIDDEN)
        if event.leaderboard is not None:
            shown = event.leaderboard.round_id
            self.dashboard.say(labels.LEADERBOARD_SHOWN if shown else labels.LEADERBOARD_HIDDEN)
        if event.moved is not None:
            self.dashboard.say(labels.made_up(event.moved), urgent=True)

    @on(Countdown.Finished)
    def _deadline(self) -> None:
        """Keep the countdown running for students with extra time."""
        if self.board.round is not None and self.board.open and self.board.round.extra_time:
            extra, self.board.round.extra_time = self.board.round.extra_time, 0.0
            self._countdown.start(extra, extra)
            self.dashboard.say(labels.EXTRA_TIME)

    def _round_extended(self, event: RoundExtended) -> None:
        self.board.apply(event)
        gained = seconds_between(self._ends, event.deadline) if self._ends else 0.0
        self._ends = event.deadline
        self._duration += max(0.0, gained)
        self._countdown.extend(event.remaining, self._duration, gained)

    def _round_closed(self) -> None:
        if self.board.round is not None and not self.board.open:
            self._countdown.stop()
            self.dashboard.say(labels.closed(self.board.round))
            self.dashboard.refresh_bindings()

    def _run_clock(self, snapshot: Snapshot) -> None:
        newest = snapshot.round
        if newest is None:
            return
        if self.board.open:
            self._duration, self._ends = newest.duration, newest.deadline
            self._countdown.start(newest.remaining, newest.duration)
        else:
            self._round_closed()
        self.dashboard.refresh_bindings()

    @property
    def dashboard(self) -> Dashboard:
        """The dashboard; it exists only after a join."""
        assert self._dashboard is not None  # noqa: S101
        return self._dashboard

    @property
    def _countdown(self) -> Countdown:
        return self.dashboard.query_one(Countdown)

    # --- the instructor's actions ------------------------------------------------------------

    def _carry_out(self, command: str) -> None:
        if self._commands is not None:
            self._commands.carry_out(command)

    async def action_quit(self) -> None:
        """Quit; while a round is open, ask for confirmation first."""
        if isinstance(self.screen, Confirm):
            return
        if self.board.open:
            confirm = Confirm("The round continues without you. Leave?", yes="Leave", no="Stay")
            await self.push_screen(confirm, self._quit_confirmed)
        else:
            self.exit()

    def _quit_confirmed(self, confirmed: bool | None) -> None:
        if confirmed:
            self.exit()

    @on(Dashboard.QuestionOpened)
    def _open_question(self, event: Dashboard.QuestionOpened) -> None:
        if self._commands is not None:
            self._commands.open_question(event.question_id)

    @on(Dashboard.Opened)
    def _open_row(self, event: Dashboard.Opened) -> None:
        row = self.board.rows.get(event.student_id)
        if row is not None:
            detail = self.board.details.get(row.question_id)
            self.push_screen(DetailScreen(row, verdict(self.board, row), detail))
        elif person := self.board.people.get(event.student_id):
            self.dashboard.refuse(f"{person.name} has no question in this round.")


def _load() -> type[InstructorSession]:
    """Import the client library; run in a thread so that the form can paint meanwhile."""
    from livequiz.client.instructor import InstructorSession  # noqa: PLC0415 - as long as the rest

    return InstructorSession


def _remember(memory: Remembered, entry: InstructorEntry) -> None:
    memory.url, memory.meeting = entry.url, entry.meeting_id
    memory.instructor_id = entry.instructor_id
