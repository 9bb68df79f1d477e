"""A JavaScript client written for the original design works here unchanged."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from livequiz.bank.sample_bank import sample
from livequiz.server.quiz.service import utc_now
from tests.conftest import RunningServer
from tests.patience import patient

HERE = Path(__file__).parent
QUESTIONS: list[dict[str, Any]] = [
    {"question": "What is 2+2?", "options": ["3", "4", "5", "6"], "correct": 1},
    {"question": "Capital of France?", "options": ["London", "Paris", "Berlin"], "correct": 1},
    {"question": "Largest planet?", "options": ["Earth", "Mars", "Jupiter"], "correct": 2},
]

needs_node = pytest.mark.skipif(
    shutil.which("node") is None and not os.environ.get("CI"),
    reason="node is missing: install nodejs and npm to run the JavaScript client",
)


async def run(*command: str, env: dict[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=HERE,
        env={**os.environ, **(env or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), patient(100))
    assert process.returncode == 0, err.decode()
    return out.decode()


async def node(script: str, *arguments: str, env: dict[str, str] | None = None) -> Any:
    """Run a script and return what it printed, which is JSON."""
    if not (HERE / "node_modules" / "socket.io-client").is_dir():
        await run("npm", "ci", "--silent", "--no-audit", "--no-fund")
    return json.loads(await run("node", script, *arguments, env=env))


async def walk(server: RunningServer, transports: str) -> dict[str, list[tuple[str, Any]]]:
    await server.import_questions(QUESTIONS)
    keys = json.dumps({q["question"]: q["correct"] for q in QUESTIONS})
    arguments = [server.url, server.token, *([transports] if transports else [])]
    return dict(await node("workflow.mjs", *arguments, env={"KEYS": keys}))


@needs_node
@pytest.mark.parametrize("transports", ["", "websocket", "polling"])
async def test_workflow_of_the_original_runs_without_acks(
    server: RunningServer, transports: str
) -> None:
    log = await walk(server, transports)
    # What the original did not have comes whenever it comes.
    names = {
        client: [event for event, _ in events if event != "presence_updated"]
        for client, events in log.items()
    }
    assert names["S001"][:4] == ["connected", "joined", "NEW_QUESTION", "answer_result"]
    assert names["instructor"][:2] == ["connected", "instructor_joined"]
    assert names["instructor"].count("student_joined") == 3
    assert names["instructor"].count("ANSWER_UPDATE") == 3
    assert names["S001"].count("error") == 1  # and the end of the round, before or after it

    questions = {
        client: dict(log[client])["NEW_QUESTION"]["question_id"]
        for client in log
        if client[0] == "S"
    }
    assert len(set(questions.values())) == 3
    verdicts = {client: dict(log[client])["answer_result"]["correct"] for client in questions}
    assert verdicts == {"S001": True, "S002": False, "S003": True}
    updates = [data for event, data in log["instructor"] if event == "ANSWER_UPDATE"]
    assert [update["student_name"] for update in updates] == [
        "Alice Johnson",
        "Bob Smith",
        "Charlie Brown",
    ]
    assert [update["stats"]["question"]["accuracy"] for update in updates] == [100.0, 0.0, 100.0]


@needs_node
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_client_of_the_original_can_answer_all_that_it_gets_of_the_sample_bank(
    server: RunningServer, transport: str
) -> None:
    """It got questions of types that it can't show, sent 0, and its round never ended."""
    await server.store.questions.add(sample(), utc_now())
    log = await node("rounds.mjs", server.url, server.token, transport, "10")
    closed = [entry["closed"] for entry in log if "closed" in entry]
    assert closed == ["complete"] * 10
    answered = [entry for entry in log if "question" in entry]
    assert len(answered) == 30
    for entry in answered:
        assert entry["question"]["type"] in {"single", "true_false"}
        assert entry["question"]["options"]
        assert entry["result"]["correct"] is (entry["result"]["correct_answer"] == 0)
