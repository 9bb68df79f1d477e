"""Benchmarks servers side by side, with the same load for each in turn."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from livequiz.bench import history, samples, scenarios
from livequiz.bench.classes import MeasuredClass
from livequiz.bench.history import History
from livequiz.bench.machine import describe
from livequiz.bench.own_server import NAME, own_server
from livequiz.bench.questions import questions
from livequiz.bench.samples import Samples
from livequiz.bench.scenarios import Taken
from livequiz.bench.stored import stored_by
from livequiz.bench.subject import Subject
from livequiz.bench.usage import usage
from livequiz.process.rlimits import raise_open_file_limit
from livequiz.protocol.questions import QuestionIn

Say = Callable[[str], None]
WARM_UP = 20  # students that join and leave before memory is measured
LEAST_BANK = 100  # questions
CROWDS = (600, 3_000)  # students; arsnova.eu published figures for 600, and for 500 reconnects


@dataclass(frozen=True, slots=True)
class Plan:
    """The extent of a benchmark.

    Attributes:
        sizes: Numbers of students.
        runs: Samples of each measure.
        starts: Number of server starts that the samples are spread over.
        steady: Seconds of steady load per sample.
        crowds: Numbers of students for the deadline and the reconnect scenario.
        crowd_runs: Samples of each of those.
        history: The history to compare with an empty meeting; None skips the comparison.
    """

    sizes: tuple[int, ...] = (100, 1_000, 5_000)
    runs: int = 5
    starts: int = 1
    steady: float = 1.0
    crowds: tuple[int, ...] = CROWDS
    crowd_runs: int = 1
    history: History | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """Another server to benchmark beside ours.

    Attributes:
        name: Its name in tables.
        start: Runs it, given the questions and the URL of its MongoDB.
        largest: The largest class to benchmark it with.
    """

    name: str
    start: Callable[[Sequence[QuestionIn], str], AbstractAsyncContextManager[Subject]]
    largest: int


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a benchmark, and its environment.

    Attributes:
        taken: The samples.
        subjects: The names of the servers, ours first.
        machine: The machine's properties and software versions, by name.
    """

    taken: Samples
    subjects: list[str]
    machine: dict[str, str]


async def measure(plan: Plan, say: Say, peers: Sequence[Peer] = ()) -> Results:
    """Take all samples.

    Raises:
        QuizError: If a server or a check fails.
    """
    raise_open_file_limit()
    gc.disable()  # a GC pause here would count as server latency
    try:
        return await _measure(plan, say, peers)
    finally:
        gc.enable()


async def _measure(plan: Plan, say: Say, peers: Sequence[Peer]) -> Results:
    taken = Samples()
    names = [NAME, *(peer.name for peer in peers)]
    machine: dict[str, str] = {}
    for size in plan.sizes:
        starts = min(plan.starts, plan.runs)
        for start in range(starts):
            runs = len(range(start, plan.runs, starts))
            say(f"{size} students, start {start + 1} of {starts}: {runs} runs ...")
            beside = [peer for peer in peers if size <= peer.largest]
            async with _started(size, beside, taken) as groups:
                machine = machine or await describe(groups[0].subject)
                await _in_turn(groups, runs, taken, scenarios.burst, warm_up=True)
                await _in_turn(groups, runs, taken, lambda g: scenarios.steady(g, plan.steady))
    for size in plan.crowds:
        say(f"{size} students answer at the deadline, and reconnect ...")
        async with _started(size, (), None) as groups:
            await _in_turn(groups, plan.crowd_runs, taken, scenarios.deadline)
            await _in_turn(groups, plan.crowd_runs, taken, scenarios.reconnect)
    if plan.history is not None:
        await _grown(plan.history, plan.runs, taken, say)
    return Results(taken, names, machine)


async def _in_turn(
    groups: Sequence[MeasuredClass],
    runs: int,
    taken: Samples,
    scenario: Callable[[MeasuredClass], Awaitable[Taken]],
    *,
    warm_up: bool = False,
) -> None:
    """Take samples round-robin: one of each class, then the next of each."""
    for run in range(-warm_up, runs):
        for group in groups:
            gc.collect()
            for what, value in await scenario(group):
                if run >= 0:
                    taken.add(group.subject.name, len(group.students), what, value)


@contextlib.asynccontextmanager
async def _started(
    size: int, peers: Sequence[Peer], taken: Samples | None
) -> AsyncIterator[list[MeasuredClass]]:
    """Start the servers, and join a class of the given size to each."""
    bank = questions(max(2 * size, LEAST_BANK))
    async with contextlib.AsyncExitStack() as stack:
        own = await stack.enter_async_context(own_server(bank))
        others = [
            await stack.enter_async_context(peer.start(bank, own.mongo_url)) for peer in peers
        ]
        groups = []
        for subject in (own, *others):
            group = MeasuredClass(
                subject, size, await stack.enter_async_context(stored_by(subject))
            )
            stack.callback(group.leave)
            memory = await _join(group)
            if taken is not None:
                taken.add(subject.name, size, samples.MEMORY, memory)
            groups.append(group)
        yield groups


async def _join(group: MeasuredClass) -> float:
    """Join a class; return the server's memory per student, in kilobytes."""
    warm_up = MeasuredClass(replace(group.subject, meeting="WARMUP"), WARM_UP, group.stored)
    await warm_up.join()
    warm_up.leave()
    await group.instructor.join()
    before = usage(group.subject.pid).memory
    await group.join()
    return (usage(group.subject.pid).memory - before) / len(group.students) / 1024


async def _grown(past: History, runs: int, taken: Samples, say: Say) -> None:
    """Compare a meeting that has a history with an empty one, on the same server."""
    say(f"A meeting after {past.rounds} rounds, compared with a new one ...")
    bank = questions(2 * past.students)
    async with own_server(bank) as fresh, stored_by(fresh) as stored:
        aged = replace(fresh, meeting="AGED")
        await history.write(aged, past)
        groups = [MeasuredClass(subject, past.students, stored) for subject in (aged, fresh)]
        for group in groups:
            await group.join()
        parts = [Samples(), Samples()]
        for _ in range(runs):
            for group, part in zip(groups, parts, strict=True):
                await _in_turn([group], 1, part, scenarios.burst)
        for group in groups:
            group.leave()
    _rename(parts[0], taken, samples.AGED_TRIGGER, samples.AGED_BURST)
    _rename(parts[1], taken, samples.FRESH_TRIGGER, samples.FRESH_BURST)


def _rename(
    part: Samples, taken: Samples, trigger: samples.Measure, burst: samples.Measure
) -> None:
    for (name, size, key), values in part.taken.items():
        for old, new in ((samples.TRIGGER, trigger), (samples.BURST, burst)):
            if key == old.key:
                for value in values:
                    taken.add(name, size, new, value)
