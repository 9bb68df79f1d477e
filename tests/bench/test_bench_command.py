"""The command, and the peers, from end to end: real processes, and as few students as can be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.peers.start import NODE_SERVER, flask_peer, node_peer, why_no_flask, why_no_node
from livequiz.bench import scenarios
from livequiz.bench.classes import MeasuredClass
from livequiz.bench.questions import questions
from livequiz.bench.run import Peer
from livequiz.bench.stored import stored_by
from livequiz.bench.usage import of_ps, usage
from tests.patience import patient

MEASURED = {
    *("trigger", "burst", "burst_p99", "cpu_burst", "client", "memory"),
    *("steady_p50", "steady_p99", "shown_p99", "cpu_steady"),
}


def test_the_command_prints_json_and_nothing_else() -> None:
    command = [sys.executable, "-m", "livequiz", "bench", "--students", "8", "--runs", "1"]
    done = subprocess.run(
        [*command, "--json"], check=False, capture_output=True, text=True, timeout=patient(60)
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {row["measure"] for row in document["results"]} == MEASURED
    assert all(len(row["samples"]) == 1 for row in document["results"])
    assert all(row["students"] == 8 and row["median"] is not None for row in document["results"])
    assert {"MongoDB", "Python", "livequiz"} <= document["machine"].keys()
    assert "8 students" in done.stderr


def test_usage_is_the_same_by_any_way_of_asking() -> None:
    own, other = usage(os.getpid()), of_ps(os.getpid())
    assert own.memory == pytest.approx(other.memory, rel=0.2)
    assert own.cpu == pytest.approx(other.cpu, abs=2)  # `ps` counts whole seconds on Linux


def test_what_has_ended_uses_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for ask in (usage, of_ps):
        with pytest.raises(ProcessLookupError):
            ask(ended.pid)


@pytest.mark.skipif(why_no_flask() is not None, reason=str(why_no_flask()))
async def test_the_flask_peer_passes_the_same_checks(mongo_url: str) -> None:
    await _measure(flask_peer(8), mongo_url)


@pytest.mark.skipif(
    shutil.which("node") is None and not os.environ.get("CI"),
    reason="node is missing: install nodejs and npm to run the Node peer",
)
async def test_the_node_peer_passes_the_same_checks(mongo_url: str) -> None:
    if why_no_node() is not None:
        ci = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
        subprocess.run(ci, cwd=Path(NODE_SERVER).parent, check=True, timeout=patient(100))
    await _measure(node_peer(8), mongo_url)


async def _measure(peer: Peer, mongo_url: str) -> None:
    async with peer.start(questions(30), mongo_url) as subject, stored_by(subject) as stored:
        group = MeasuredClass(subject, 8, stored)
        await group.join()
        for scenario in (scenarios.burst(group), scenarios.steady(group, 0.1)):
            assert all(value > 0 for _, value in await scenario)
        assert await stored.rounds.database["responses"].count_documents({}) == 8 + 25
        group.leave()
