"""The goals that the product set itself, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.peers.start import DURABLE, FLASK
from livequiz.bench import samples
from livequiz.bench.own_server import NAME
from livequiz.bench.report import figure
from livequiz.bench.samples import Measure, Samples


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: a bound on a median, or on a ratio of two medians.

    Attributes:
        title: What it is about.
        bound: The bound; a least one for rates and ratios, else a greatest one.
        unit: Of the bound.
        value: Takes the samples; None if it was not measured.
        least: Whether the bound is a least one.
    """

    title: str
    bound: float
    unit: str
    value: Callable[[Samples], float | None]
    least: bool = False

    def row(self, taken: Samples) -> list[str]:
        """Return title, bound, what was measured, and whether it is met."""
        value = self.value(taken)
        sign = ">=" if self.least else "<="
        bound = f"{sign} {self.bound:,g} {self.unit}"
        if value is None:
            return [self.title, bound, "-", "-"]
        met = value >= self.bound if self.least else value <= self.bound
        digits = Measure("", "", "", 2 if self.unit == "x" else 1)
        return [self.title, bound, f"{figure(value, digits)} {self.unit}", "yes" if met else "no"]


def _median(size: int, measure: Measure) -> Callable[[Samples], float | None]:
    return lambda taken: taken.median(NAME, size, measure)


def _against(other: str, size: int, measure: Measure) -> Callable[[Samples], float | None]:
    def value(taken: Samples) -> float | None:
        own, peer = (taken.median(name, size, measure) for name in (NAME, other))
        if not own or not peer:
            return None
        return own / peer if measure.more_is_better else peer / own

    return value


def _growth(aged: Measure, fresh: Measure) -> Callable[[Samples], float | None]:
    def value(taken: Samples) -> float | None:
        for size in taken.sizes(aged):
            old, new = (taken.median(NAME, size, measure) for measure in (aged, fresh))
            if old and new:
                return new / old if aged.more_is_better else old / new
        return None

    return value


GOALS = (
    Goal("trigger -> last of 1,000, stored", 50, "ms", _median(1_000, samples.TRIGGER)),
    Goal("... against the original's way, as durable", 12, "x",
         _against(DURABLE, 1_000, samples.TRIGGER), True),
    Goal("... and as it was, from memory", 12, "x", _against(FLASK, 1_000, samples.TRIGGER), True),
    Goal("trigger -> last of 5,000, stored", 200, "ms", _median(5_000, samples.TRIGGER)),
    Goal("durable answers, burst of 1,000", 15_000, "/s", _median(1_000, samples.BURST), True),
    Goal("... against the original's way, as durable", 45, "x",
         _against(DURABLE, 1_000, samples.BURST), True),
    Goal("... and as it was, from memory", 45, "x", _against(FLASK, 1_000, samples.BURST), True),
    Goal("answer -> ack at 250/s, p50", 3, "ms", _median(1_000, samples.STEADY_P50)),
    Goal("answer -> ack at 250/s, p99", 10, "ms", _median(1_000, samples.STEADY_P99)),
    Goal("answer -> instructor's data, p99", 150, "ms", _median(1_000, samples.SHOWN_P99)),
    Goal("memory for a connected student", 20, "KB", _median(1_000, samples.MEMORY)),
    Goal("trigger after 100 rounds, to a new meeting's", 1.2, "x",
         _growth(samples.AGED_TRIGGER, samples.FRESH_TRIGGER)),
    Goal("burst after 100 rounds, a new meeting's to it", 1.2, "x",
         _growth(samples.AGED_BURST, samples.FRESH_BURST)),
)  # fmt: skip
