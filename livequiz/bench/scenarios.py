"""Load scenarios; each call runs one and returns a sample of its measures."""

from __future__ import annotations

from livequiz.bench import samples
from livequiz.bench.classes import Answered, MeasuredClass
from livequiz.bench.samples import Measure, percentile
from livequiz.domain.errors import Code, QuizError

RATE = 250  # answers a second
MOST_ROUNDS = 10  # caps a steady-load sample of a small class
LAST_SECOND = 1.0  # seconds before the deadline in which everyone answers
DEADLINE_ROUND = 3.0  # seconds; the length of such a round
Taken = list[tuple[Measure, float]]


async def burst(group: MeasuredClass) -> Taken:
    """Send everyone a question; then everyone answers at once."""
    asked = await group.ask()
    answered = await group.answer(asked, group.students)
    _all_met(answered)
    await group.finish(complete=True)
    count = len(group.students)
    return [
        (samples.TRIGGER, asked.seconds * 1e3),
        (samples.BURST, count / answered.seconds),
        (samples.BURST_P99, percentile(answered.latencies, 99) * 1e3),
        (samples.CPU_BURST, answered.server_cpu / count * 1e3),
        (samples.CLIENT, answered.client_cpu / answered.seconds * 100),
    ]


async def steady(group: MeasuredClass, seconds: float) -> Taken:
    """Steady load: 250 answers a second for a number of seconds."""
    left = min(round(seconds * RATE), MOST_ROUNDS * len(group.students))
    latencies: list[float] = []
    shown: list[float] = []
    cpu = 0.0
    while left > 0:
        asked = await group.ask()
        who = group.students[:left]
        pauses = [number / RATE for number in range(len(who))]
        answered = await group.answer(asked, who, pauses)
        _all_met(answered)
        await group.finish(complete=len(who) == len(group.students))
        latencies += answered.latencies
        shown += answered.shown
        cpu += answered.server_cpu
        left -= len(who)
    return [
        (samples.STEADY_P50, percentile(latencies, 50) * 1e3),
        (samples.STEADY_P99, percentile(latencies, 99) * 1e3),
        (samples.SHOWN_P99, percentile(shown, 99) * 1e3),
        (samples.CPU_STEADY, cpu / len(latencies) * 1e3),
    ]


async def deadline(group: MeasuredClass) -> Taken:
    """Deadline rush: everyone answers in the last second before the deadline."""
    asked = await group.ask(DEADLINE_ROUND)
    left = asked.left
    count = len(group.students)
    pauses = [left - LAST_SECOND + LAST_SECOND * number / count for number in range(count)]
    answered = await group.answer(asked, group.students, pauses)
    await group.finish(complete=True)
    return [
        (samples.DEADLINE_P95, percentile(answered.latencies, 95) * 1e3),
        (samples.REJECTED, len(answered.refused)),
    ]


async def reconnect(group: MeasuredClass) -> Taken:
    """Thundering herd: every connection drops, and everyone reconnects at once."""
    seconds, failed = await group.rejoin()
    return [(samples.RECONNECT, seconds), (samples.RETRIES, failed)]


def _all_met(answered: Answered) -> None:
    if answered.refused:
        raise QuizError(Code.CONFLICT, f"An answer was refused: {answered.refused[0]}")
