"""Samples by server, class size and measure, with their medians and percentiles."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured quantity.

    Attributes:
        key: Its name in JSON.
        title: Its display name.
        unit: The unit of its figures.
        digits: The number of significant decimals.
        more_is_better: True for a rate, false for a time or a cost.
        compared: Whether a ratio of two servers is meaningful.
    """

    key: str
    title: str
    unit: str
    digits: int = 0
    more_is_better: bool = False
    compared: bool = True

    @property
    def heading(self) -> str:
        """The heading of its row."""
        return f"{self.title}, {self.unit}"


TRIGGER = Measure("trigger", "trigger -> last question", "ms", 1)
BURST = Measure("burst", "burst: stored answers", "1/s", 0, more_is_better=True)
BURST_P99 = Measure("burst_p99", "burst: answer -> ack, p99", "ms", 1)
STEADY_P50 = Measure("steady_p50", "250/s: answer -> ack, p50", "ms", 1)
STEADY_P99 = Measure("steady_p99", "250/s: answer -> ack, p99", "ms", 1)
SHOWN_P99 = Measure("shown_p99", "250/s: to the teacher, p99", "ms", 1)
MEMORY = Measure("memory", "memory for a student", "KB", 1)
CPU_BURST = Measure("cpu_burst", "burst: CPU for 1,000 answers", "s", 3)
CPU_STEADY = Measure("cpu_steady", "250/s: CPU for 1,000 answers", "s", 3)
CLIENT = Measure("client", "burst: client's load", "% of core", 0, compared=False)
FRESH_TRIGGER = Measure("fresh_trigger", "new meeting: trigger", "ms", 1)
AGED_TRIGGER = Measure("aged_trigger", "with history: trigger", "ms", 1)
FRESH_BURST = Measure("fresh_burst", "new meeting: burst", "1/s", 0, more_is_better=True)
AGED_BURST = Measure("aged_burst", "with history: burst", "1/s", 0, more_is_better=True)
DEADLINE_P95 = Measure("deadline_p95", "deadline: answer -> ack, p95", "ms", 1)
REJECTED = Measure("rejected", "deadline: rejected", "answers", 0)
RECONNECT = Measure("reconnect", "reconnect: all back in", "s", 2)
RETRIES = Measure("retries", "reconnect: tries that failed", "connections", 0)

MEASURES = (
    TRIGGER, BURST, BURST_P99, STEADY_P50, STEADY_P99, SHOWN_P99, MEMORY, CPU_BURST, CPU_STEADY,
    CLIENT, FRESH_TRIGGER, AGED_TRIGGER, FRESH_BURST, AGED_BURST, DEADLINE_P95, REJECTED,
    RECONNECT, RETRIES,
)  # fmt: skip


@dataclass(slots=True)
class Samples:
    """Samples by the server's name, the number of students and the measure's key."""

    taken: dict[tuple[str, int, str], list[float]] = field(default_factory=dict)

    def add(self, subject: str, students: int, measure: Measure, value: float) -> None:
        """Add a sample."""
        self.taken.setdefault((subject, students, measure.key), []).append(value)

    def of(self, subject: str, students: int, measure: Measure) -> list[float]:
        """Return the samples in the order taken."""
        return self.taken.get((subject, students, measure.key), [])

    def median(self, subject: str, students: int, measure: Measure) -> float | None:
        """Return the median, or None if there are no samples."""
        taken = self.of(subject, students, measure)
        return statistics.median(taken) if taken else None

    def sizes(self, measure: Measure) -> list[int]:
        """Return the class sizes with samples of a measure, ascending."""
        return sorted({students for _, students, key in self.taken if key == measure.key})


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile by the nearest-rank method.

    Args:
        values: The values; at least one.
        share: The percentile, above 0 and up to 100.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)]
