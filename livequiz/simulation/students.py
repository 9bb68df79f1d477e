"""Simulated students: they join over real connections, think and answer like people."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from livequiz.client.event_types import Event, JoinRefused
from livequiz.client.student import StudentSession
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft, Number, QuestionType
from livequiz.process.signals import stop_event
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import NewQuestion, Removed, StudentRoundClosed

FIRST = (
    "Alice Bob Chloé Dana Emil Fatima Goran Hana Ivo Jin Kofi Lena Mateo Noor Olga Pablo "
    "Quinn Rosa Sami Tess Uma Viktor Wen Ximena Yusuf Zoë"
).split()
LAST = (
    "Johnson Smith Brown Nguyen Okafor García Kowalski Haddad Sato Müller Silva Rossi Larsen "
    "Novak Patel Dubois Cohen Kim Yilmaz Andersson"
).split()
GUESSES = ("Paris", "a stack", "42", "yes", "the second one", "no idea")
JOIN_AT_ONCE = 20  # concurrent joins


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How simulated students act.

    Attributes:
        knowledge: Questions with their keys, by question text; students guess all others.
        share_known: The share of known questions that the average student gets right, 0 to 1.
        mean_think: The median time to answer, in seconds.
        share_silent: The share of questions that a student skips, 0 to 1.
    """

    knowledge: Mapping[str, Draft] = field(default_factory=dict)
    share_known: float = 0.7
    mean_think: float = 6.0
    share_silent: float = 0.03


@dataclass(slots=True)
class Outcome:
    """The results of the simulated students."""

    joined: int = 0
    questions: int = 0
    answered: int = 0
    correct: int = 0
    refused: list[str] = field(default_factory=list)


class Simulation:
    """A class of simulated students in one meeting.

    Args:
        url: The server's address.
        meeting_id: The meeting that they join.
        count: The number of students.
        prefix: The prefix of their ids.
        behaviour: How they act.
        rng: The random source for their choices.
        said: Called with each question that a student receives.
        tls_ca: A private CA to trust for `https://`, PEM.
    """

    def __init__(
        self,
        url: str,
        meeting_id: str,
        count: int,
        behaviour: Behaviour,
        *,
        rng: random.Random,
        prefix: str = "S",
        said: Callable[[str, NewQuestion], None] | None = None,
        tls_ca: Path | None = None,
    ) -> None:
        self._url = url
        self._tls_ca = tls_ca
        self._meeting_id = meeting_id
        self._people = people(count, prefix)
        self._behaviour = behaviour
        self._rng = rng
        self._said = said or (lambda _student, _question: None)
        self._joining = asyncio.Semaphore(JOIN_AT_ONCE)
        self._sessions: list[StudentSession] = []
        self._withheld: set[tuple[StudentSession, str]] = (
            set()
        )  # verdicts revealed at the end of the round
        self.outcome = Outcome()

    async def join(self) -> None:
        """Join all students.

        Raises:
            QuizError: If no student could join.
        """
        results = await asyncio.gather(
            *(self._join(identifier, name) for identifier, name in self._people),
            return_exceptions=True,
        )
        refusals = [result for result in results if isinstance(result, QuizError)]
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, QuizError):
                raise result
        self.outcome.refused += [refusal.message for refusal in refusals]
        if refusals and not self._sessions:
            raise refusals[0]

    async def live(self) -> None:
        """Answer questions until the server removes everyone or `close` is called."""
        await asyncio.gather(*(self._live(session) for session in self._sessions))

    async def close(self) -> None:
        """Disconnect all students."""
        await asyncio.gather(*(session.close() for session in self._sessions))

    async def _join(self, identifier: str, name: str) -> None:
        async with self._joining:
            session = StudentSession(self._url, tls_ca=self._tls_ca, way=None)
            try:
                await session.open()
                await session.join(identifier, self._meeting_id, name)
            except QuizError:
                await session.close()
                raise
            self._sessions.append(session)
            self.outcome.joined += 1

    async def _live(self, session: StudentSession) -> None:
        skill = self._rng.gauss(0, 0.12)
        thinking: dict[str, asyncio.Task[None]] = {}
        try:
            async for event in session.events():
                self._react(session, event, skill, thinking)
                if isinstance(event, Removed | JoinRefused):
                    return
        finally:
            for task in thinking.values():
                task.cancel()

    def _react(
        self,
        session: StudentSession,
        event: Event,
        skill: float,
        thinking: dict[str, asyncio.Task[None]],
    ) -> None:
        if isinstance(event, StudentRoundClosed) and event.result is not None:
            kept_back = (session, event.round_id) in self._withheld
            self.outcome.correct += kept_back and event.result.correct is True
            self._withheld.discard((session, event.round_id))
        elif isinstance(event, NewQuestion) and event.round_id not in thinking:
            assert session.joined is not None  # noqa: S101
            self.outcome.questions += 1
            self._said(session.joined.student_id, event)
            thinking[event.round_id] = asyncio.create_task(
                self._think_and_answer(session, event, skill), name="simulated-answer"
            )

    async def _think_and_answer(
        self, session: StudentSession, question: NewQuestion, skill: float
    ) -> None:
        if self._rng.random() < self._behaviour.share_silent:
            return
        seconds = self._rng.lognormvariate(0, 0.6) * self._behaviour.mean_think
        seconds = min(seconds, max(0.2, question.remaining - 1))
        await asyncio.sleep(seconds)
        try:
            result = await session.answer(
                question.question_id,
                question.round_id,
                self._choose(question, skill),
                spent=seconds,
                patience=question.remaining,
            )
        except QuizError as error:
            if error.code is not Code.TOO_LATE:
                self.outcome.refused.append(error.message)
            return
        if result.correct is None:
            self._withheld.add((session, question.round_id))
        self.outcome.answered += 1
        self.outcome.correct += bool(result.correct)

    def _choose(self, question: NewQuestion, skill: float) -> Stored:
        known = self._behaviour.knowledge.get(question.question)
        if known is not None and self._rng.random() < self._behaviour.share_known + skill:
            right = _right_answer(known, question.options)
            if right is not None:
                return right
        return self._guess(question)

    def _guess(self, question: NewQuestion) -> Stored:
        places = range(len(question.options))
        match question.type:
            case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
                return self._rng.choice(places)
            case QuestionType.MULTIPLE:
                return self._rng.sample(places, self._rng.randint(1, len(places)))
            case QuestionType.NUMERIC:
                return float(self._rng.randint(0, 100))
            case QuestionType.SHORT_TEXT:
                return self._rng.choice(GUESSES)
            case _:
                assert_never(question.type)


def _right_answer(known: Draft, shown: Sequence[str]) -> Stored | None:
    """Return the right answer to a question, for the options in the order shown."""
    key = known.correct
    if isinstance(key, int):
        text = known.options[key]
        return shown.index(text) if text in shown else None
    first = key[0]
    if isinstance(first, Number):
        return first.value
    if isinstance(first, str):
        return first
    texts = {known.options[index] for index in key if isinstance(index, int)}
    return [place for place, text in enumerate(shown) if text in texts]


async def run_until_stopped(
    url: str,
    meeting_id: str,
    count: int,
    behaviour: Behaviour,
    *,
    seed: int | None,
    with_stdin: bool,
    say: Callable[[str], None],
    tls_ca: Path | None = None,
) -> None:
    """Run a simulated class until it is stopped, or until the server removes it.

    Raises:
        QuizError: If no student could join.
    """
    # Random ids, to avoid collisions with real students and earlier simulations in this meeting.
    rng, prefix = random.Random(seed), f"sim-{secrets.token_hex(2)}-"
    simulation = Simulation(
        url, meeting_id, count, behaviour, rng=rng, prefix=prefix, tls_ca=tls_ca
    )
    stop = stop_event(with_stdin=with_stdin)
    await simulation.join()
    say(f"{simulation.outcome.joined} students joined {meeting_id}; press Ctrl-C to stop.")
    for message in dict.fromkeys(simulation.outcome.refused):
        say(message)
    simulation.outcome.refused.clear()
    living = asyncio.create_task(simulation.live(), name="simulated-class")
    stopping = asyncio.create_task(stop.wait(), name="wait-for-stop")
    await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await simulation.close()
    await living
    stopping.cancel()
    outcome = simulation.outcome
    say(f"{outcome.questions} questions, {outcome.answered} answers, {outcome.correct} right.")
    for message in dict.fromkeys(outcome.refused):
        say(message)


def people(count: int, prefix: str = "S") -> list[tuple[str, str]]:
    """Return `count` pairs of student id and name; deterministic."""
    pairs = len(FIRST) * len(LAST)
    return [
        (
            f"{prefix}{number + 1:03d}",
            f"{FIRST[number % len(FIRST)]} {LAST[(number * 7) % pairs % len(LAST)]}",
        )
        for number in range(count)
    ]
