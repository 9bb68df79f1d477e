"""`make bench`: LiveQuiz beside its peers, turn by turn in one run.

    python -m benchmarks.compare [--quick] [--write]

Prints the table; `--write` also brings `docs/performance.md` and its figure up to date.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from benchmarks import document, figure
from benchmarks.peers.start import (
    durable_flask_peer,
    flask_peer,
    node_peer,
    why_no_flask,
    why_no_node,
)
from livequiz.bench.history import History
from livequiz.bench.report import print_table, to_json
from livequiz.bench.run import CROWDS, Plan, measure
from livequiz.commands.options import run
from livequiz.domain.errors import QuizError

LARGEST_PEER = 1_000  # students; beyond, a peer takes minutes for a sample

FULL = Plan(
    sizes=(100, 300, 1_000, 2_500, 5_000),
    runs=5,
    starts=5,
    steady=4.0,
    crowds=CROWDS,
    crowd_runs=5,
    history=History(rounds=100, students=1_000),
)
QUICK = Plan(
    sizes=(100, 1_000), runs=3, steady=1.0, crowds=(600,), history=History(rounds=10, students=100)
)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, in a minute")
    parser.add_argument(
        "--students", type=int, action="append", help="with so many, and nothing else"
    )
    parser.add_argument("--runs", type=int, help="samples of each measure")
    parser.add_argument("--json", action="store_true", help="print every sample")
    parser.add_argument("--write", action="store_true", help="update docs/performance.md")
    asked = parser.parse_args()
    for problem in filter(None, (why_no_flask(), why_no_node())):
        sys.exit(problem)
    plan = QUICK if asked.quick else FULL
    if asked.students:
        plan = replace(plan, sizes=tuple(asked.students), crowds=(), history=None)
    plan = replace(plan, runs=asked.runs or plan.runs)
    run(_work(plan, asked))


async def _work(plan: Plan, asked: argparse.Namespace) -> None:
    peers = [make(LARGEST_PEER) for make in (flask_peer, node_peer, durable_flask_peer)]
    results = await measure(plan, _say, peers)
    if asked.json:
        print(to_json(results))  # noqa: T201
    else:
        print_table(results)
    if asked.write:
        figure.write(results)
        document.write(results)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        main()
    except QuizError as error:
        sys.exit(error.message)
