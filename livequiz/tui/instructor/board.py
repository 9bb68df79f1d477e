"""The dashboard's model, updated from events. It does no I/O, so tests need no screen.

Event handlers return the student ids whose rows changed, so that only those are redrawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod
from time import monotonic

from livequiz.client.event_types import Event
from livequiz.domain.model import CloseReason, Presence, QuestionType, RoundState, Way
from livequiz.domain.progress import Progress
from livequiz.domain.text import skeleton
from livequiz.protocol.answers import Stored
from livequiz.protocol.fields import Timestamp, seconds_between
from livequiz.protocol.figures import Figures, Scope
from livequiz.protocol.leaderboard import LeaderboardShown
from livequiz.protocol.messages import (
    AnswerUpdate,
    AnswerUpdates,
    MeetingUpdated,
    QuestionsSent,
    QuestionStats,
    RoundClosed,
    RoundExtended,
    RoundStats,
    RoundSummary,
    StudentJoined,
    StudentLeft,
)
from livequiz.protocol.snapshot import AssignmentRow, QuestionDetail, Snapshot, StudentRow
from livequiz.tui.base import Clock

NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Person:
    """A student of the meeting."""

    student_id: str
    name: str
    here: bool
    time_factor: float = 1.0
    banned: bool = False
    question_types: list[QuestionType] | None = None  # that their client supports; None: every type
    way: Way | None = None  # how they take part, if that is known
    progress: Progress = Progress()  # noqa: RUF009 - it is frozen; over all rounds
    points: float = 0
    away_since: float | None = None  # by the board's clock; None if they are here
    practised: int = 0  # how many questions they have practised


@dataclass(slots=True)
class Row:
    """One assignment; option indexes are 0-based and in the question's own order."""

    student_id: str
    name: str
    question_id: str
    answer: Stored | None = None
    correct: bool | None = None
    points: float | None = None
    seconds: float | None = None
    arrived: int = 0  # 1 for the first answer of the round; 0 until there is an answer


@dataclass(slots=True)
class RoundInfo:
    """The newest round."""

    round_id: str
    number: int
    open: bool
    distinct: bool = True
    warnings: list[str] = field(default_factory=list)
    reason: CloseReason | None = None
    summary: RoundSummary | None = None
    extra_time: float = 0.0  # seconds after the deadline, for students with extra time


@dataclass(slots=True)
class Board:
    """A meeting as its instructor sees it."""

    meeting_id: str = ""
    locked: bool = False
    bank: int = 0
    topics: list[str] = field(default_factory=list)
    ssh_port: int | None = None  # at which students can join
    address: str | None = None  # at which students reach the server, as it says itself
    results_of: str = ""  # the round whose results the class may see
    scope: Scope | None = None  # of the figures that the teacher looks at; None: the newest round
    earlier: dict[Scope, Figures] = field(default_factory=dict)  # before the newest round
    leaderboard: LeaderboardShown | None = None  # as the class sees it, or saw it last
    clock: Clock = monotonic
    people: dict[str, Person] = field(default_factory=dict)  # by student id
    rows: dict[str, Row] = field(default_factory=dict)  # by student id
    texts: dict[str, str] = field(default_factory=dict)  # question texts by id
    details: dict[str, QuestionDetail] = field(default_factory=dict)  # by question id
    stats: dict[str, QuestionStats] = field(default_factory=dict)  # by question id
    round: RoundInfo | None = None
    arrivals: int = 0  # answers received in this round
    round_stats: RoundStats = field(default_factory=lambda: RoundStats(0, 0, 0, None, None))
    _namesakes: dict[str, list[str]] | None = None  # cache: ids of the rows by name; None: stale

    @property
    def here(self) -> int:
        """How many students are connected."""
        return sum(person.here for person in self.people.values())

    @property
    def left(self) -> list[str]:
        """The ids of students who left before the newest round."""
        if self.round is None:
            return []
        return [
            key
            for key, person in self.people.items()
            if not person.here and not person.banned and key not in self.rows
        ]

    @property
    def open(self) -> bool:
        """Whether a round is open for answers."""
        return self.round is not None and self.round.open

    @property
    def waiting(self) -> list[str]:
        """The ids of connected students who have not answered yet."""
        return [
            key
            for key, row in self.rows.items()
            if not row.arrived and key in self.people and self.people[key].here
        ]

    @property
    def figures(self) -> Figures | None:
        """The figures before the newest round in the scope that is looked at; None if unknown."""
        known = self.earlier.get(self.scope) if self.scope is not None else None
        newest = self.round.round_id if self.round is not None else None
        return known if known is not None and known.round_id == newest else None

    def unshown(self, student_id: str) -> bool:
        """Whether a student was assigned a question that their client can't show."""
        person, row = self.people[student_id], self.rows.get(student_id)
        if person.question_types is None or row is None or row.arrived or not self.open:
            return False
        detail = self.details.get(row.question_id)
        return detail is not None and detail.type not in person.question_types

    def namesakes(self, name: str) -> list[str]:
        """Return the ids of the rows with this name, ignoring case."""
        if self._namesakes is None:
            self._namesakes = {}
            for key, row in self.rows.items():
                self._namesakes.setdefault(skeleton(row.name), []).append(key)
        return self._namesakes.get(skeleton(name), [])

    def load(self, snapshot: Snapshot) -> None:
        """Replace the board's state with a snapshot."""
        self.meeting_id, self.locked = snapshot.meeting_id, snapshot.locked
        self.bank, self.topics = snapshot.bank, snapshot.topics
        self.ssh_port, self.address = snapshot.ssh_port, snapshot.address
        self.results_of = snapshot.results_of or ""
        self.leaderboard = snapshot.leaderboard
        self.people = {
            row.student_id: self._person(row, snapshot.server_time) for row in snapshot.students
        }
        self._ban(snapshot.banned)
        self.rows = {row.student_id: row for row in _rows(snapshot.assignments)}
        self._namesakes = None
        self.arrivals = max((row.arrived for row in self.rows.values()), default=0)
        self.details = {question.question_id: question for question in snapshot.questions}
        self.texts = {key: detail.question for key, detail in self.details.items()}
        self.stats = {key: detail.stats for key, detail in self.details.items()}
        self.round = _round(snapshot)
        if snapshot.round is not None:
            self.round_stats = snapshot.round.stats

    def _person(self, row: StudentRow, now: Timestamp) -> Person:
        away = seconds_between(row.away_since, now) if row.away_since else None
        return Person(
            row.student_id,
            row.name,
            row.status is Presence.ACTIVE,
            row.time_factor,
            question_types=row.question_types,
            way=row.way,
            progress=Progress(row.asked, row.answered, row.correct, row.missed),
            points=row.total_points,
            practised=row.practised,
            away_since=None if away is None else self.clock() - away,
        )

    def learn(self, snapshot: Snapshot) -> frozenset[str]:
        """Merge options, keys and unseen answers from a snapshot of the same round.

        The first answers may arrive before the event that opens their round.
        """
        newest = snapshot.round
        if newest is None or self.round is None or newest.round_id != self.round.round_id:
            return NOBODY
        for question in snapshot.questions:
            self.details[question.question_id] = question
            known = self.stats.get(question.question_id)
            if known is None or known.responses < question.stats.responses:
                self.stats[question.question_id] = question.stats
        if newest.stats.answered > self.round_stats.answered:
            self.round_stats = newest.stats
        missed = [
            row
            for row in sorted(_rows(snapshot.assignments), key=lambda row: row.arrived)
            if row.arrived and row.student_id in self.rows and not self.rows[row.student_id].arrived
        ]
        for row in missed:
            self.arrivals += 1
            row.arrived = self.arrivals
            self.rows[row.student_id] = row
            self._namesakes = None
            self._count_answer(row)
        return frozenset(row.student_id for row in missed)

    def _ban(self, student_ids: Iterable[str]) -> None:
        """Mark students as banned; for someone who left earlier, only the id is known."""
        banned = set(student_ids)
        for student_id in sorted(banned - self.people.keys()):
            self.people[student_id] = Person(student_id, student_id, here=False)
        for person in self.people.values():
            person.banned = person.student_id in banned

    @singledispatchmethod
    def apply(self, _event: Event) -> frozenset[str]:
        """Apply an event; return the ids of the students whose rows changed."""
        return NOBODY

    @apply.register
    def _(self, event: StudentJoined) -> frozenset[str]:
        known = self.people.get(event.student_id) or Person(event.student_id, event.name, True)
        self.people[event.student_id] = replace(
            known,
            name=event.name,
            here=True,
            banned=False,
            question_types=event.question_types,
            way=event.way,
            away_since=None,
        )
        row = self.rows.get(event.student_id)
        if row is None:
            return NOBODY
        before = self.namesakes(row.name)
        if row.name != event.name:
            row.name, self._namesakes = event.name, None
        return frozenset([*before, *self.namesakes(row.name)])

    @apply.register
    def _(self, event: StudentLeft) -> frozenset[str]:
        if person := self.people.get(event.student_id):
            person.here = False
            person.away_since = self.clock()
            person.banned = event.reason == "banned"
        return frozenset({event.student_id} & self.rows.keys())

    @apply.register
    def _(self, event: MeetingUpdated) -> frozenset[str]:
        self.locked = event.locked
        if event.banned is not None:
            self._ban(event.banned)
        if event.results_of is not None:
            self.results_of = event.results_of
        if event.leaderboard is not None:
            self.leaderboard = event.leaderboard
        person = self.people.get(event.student_id or "")
        if person is not None and event.time_factor is not None:
            person.time_factor = event.time_factor
        for student_id, practised in (event.practised or {}).items():
            if student_id in self.people:
                self.people[student_id].practised = practised
        return NOBODY

    @apply.register
    def _(self, event: RoundExtended) -> frozenset[str]:
        if self.round is not None and self.round.round_id == event.round_id:
            self.round.extra_time = event.extra_time or 0.0
        return NOBODY

    @apply.register
    def _(self, event: QuestionsSent) -> frozenset[str]:
        if self.round is None or self.round.round_id != event.round_id:
            self._open(event)
        self._namesakes = None
        for sent in event.assignments:
            if sent.student_id not in self.rows:
                self.rows[sent.student_id] = Row(sent.student_id, sent.name, sent.question_id)
                if person := self.people.get(sent.student_id):
                    person.progress = person.progress.add(None, over=False)
            self.texts[sent.question_id] = sent.question
        self.round_stats.assigned = len(self.rows)
        return frozenset(self.rows)

    @apply.register
    def _(self, event: AnswerUpdate) -> frozenset[str]:
        if self.round is None or event.round_id != self.round.round_id:
            return NOBODY
        self.stats[event.question_id] = event.stats.question
        if event.stats.round.answered >= self.round_stats.answered:
            self.round_stats = event.stats.round
        row = self.rows.get(event.student_id)
        if row is None or row.arrived:
            return NOBODY
        row.answer, row.correct, row.points = event.answer, event.correct, event.points
        self.arrivals += 1
        row.seconds, row.arrived = event.response_time, self.arrivals
        self._count_answer(row)
        return frozenset({event.student_id})

    @apply.register
    def _(self, event: AnswerUpdates) -> frozenset[str]:
        changed: set[str] = set()
        for update in event.updates:
            changed |= self.apply(update)
        return frozenset(changed)

    @apply.register
    def _(self, event: RoundClosed) -> frozenset[str]:
        if self.round is None or event.round_id != self.round.round_id:
            return NOBODY
        if self.round.open:
            for row in self.rows.values():
                person = self.people.get(row.student_id)
                if person is not None and not row.arrived:
                    person.progress = replace(person.progress, missed=person.progress.missed + 1)
        self.round.open = False
        self.round.reason, self.round.summary = event.reason, event.summary
        self.round_stats = event.summary.stats
        return frozenset(self.rows)

    def _count_answer(self, row: Row) -> None:
        """Count an answer in a round that has been counted as asked."""
        if person := self.people.get(row.student_id):
            before = replace(person.progress, asked=person.progress.asked - 1)
            person.progress = before.add(bool(row.correct))
            person.points = round(person.points + (row.points or 0), 2)

    def _open(self, event: QuestionsSent) -> None:
        self.rows, self.texts, self.arrivals = {}, {}, 0
        self.details, self.stats = {}, {}
        self.round_stats = RoundStats(0, 0, 0, None, None)
        self.round = RoundInfo(
            event.round_id, event.round_number, True, event.distinct, event.warnings
        )
        self.round.extra_time = event.extra_time or 0.0


def _rows(assignments: Iterable[AssignmentRow]) -> list[Row]:
    """Return rows; those with answers are numbered in order of arrival."""
    found = list(assignments)
    answered = sorted(
        (row for row in found if row.answer is not None), key=lambda row: row.timestamp or ""
    )
    places = {row.student_id: place for place, row in enumerate(answered, start=1)}
    return [
        Row(
            student_id=row.student_id,
            name=row.name,
            question_id=row.question_id,
            answer=row.answer,
            correct=row.correct,
            points=row.points,
            seconds=row.response_time,
            arrived=places.get(row.student_id, 0),
        )
        for row in found
    ]


def _round(snapshot: Snapshot) -> RoundInfo | None:
    newest = snapshot.round
    if newest is None:
        return None
    return RoundInfo(
        round_id=newest.round_id,
        number=newest.round_number,
        open=newest.state is RoundState.OPEN,
        distinct=newest.distinct,
        warnings=newest.warnings,
        reason=newest.reason,
        summary=newest.summary,
        extra_time=newest.extra_time or 0.0,
    )
