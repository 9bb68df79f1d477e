"""Kills the server and its MongoDB while a class answers, and counts what became of the answers.

`python -m tests.chaos.run --students 200 --server-kills 20 --mongod-kills 5`
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from livequiz.domain.model import Response
from tests.chaos.a_class import Class, Key, Teacher, Told
from tests.chaos.by_ssh import SshStudents
from tests.chaos.host import Host
from tests.chaos.pages import Pages
from tests.chromium import chromium
from tests.patience import patient

SETTLE = 60.0  # seconds in which the last answers have to be decided


@dataclass(frozen=True)
class Plan:
    """What is done to the server. Durations in seconds."""

    students: int
    server_kills: int
    mongod_kills: int
    pages: int = 0  # students in browsers, beside the others
    ssh: int = 0  # students with `ssh`
    duration: float = 6.0
    seed: int = 1

    def kills(self, rng: random.Random) -> list[str]:
        """Return whom to kill, in a random order."""
        order = ["server"] * self.server_kills + ["mongod"] * self.mongod_kills
        rng.shuffle(order)
        return order


@dataclass(frozen=True)
class Outcome:
    """What became of the acknowledged answers."""

    rounds: int
    acknowledged: int
    stored: int
    lost: list[Key]
    doubled: list[Key]
    wrong: list[str]
    refused: list[str]
    by_page: int  # acknowledged to students in browsers
    by_ssh: int = 0  # verdicts that students with `ssh` read

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def __str__(self) -> str:
        lines = [
            f"rounds {self.rounds}   acknowledged {self.acknowledged} ({self.by_page} by page)"
            f"   read by ssh {self.by_ssh}"
            f"   stored {self.stored}"
            f"   lost {len(self.lost)}   doubled {len(self.doubled)}   wrong {len(self.wrong)}",
            *self.wrong[:20],
            *(f"refused {count} times: {why}" for why, count in Counter(self.refused).items()),
        ]
        return "\n".join(lines)


async def run(plan: Plan, folder: Path) -> Outcome:
    """Carry a plan out on a data folder, and judge."""
    rng = random.Random(plan.seed)
    host = Host(folder / "data", _bank(plan.students + plan.pages + plan.ssh))
    await host.start()
    students = Class(host.url, plan.students, rng)
    teacher = Teacher(host.url, host.token, plan.duration)
    await teacher.join()
    await students.join()
    async with contextlib.AsyncExitStack() as stack:
        if plan.pages:
            pages = Pages(await stack.enter_async_context(chromium()), host.url, rng, students.told)
            stack.push_async_callback(pages.close)
            await pages.join(plan.pages)
        ssh = SshStudents(host.ssh_port, folder, rng)
        stack.push_async_callback(ssh.close)
        ssh.join(plan.ssh)
        return await _teach(plan, host, teacher, students, ssh, rng=rng)


async def _teach(
    plan: Plan,
    host: Host,
    teacher: Teacher,
    students: Class,
    ssh: SshStudents,
    *,
    rng: random.Random,
) -> Outcome:
    """Send rounds while the victims are killed, and judge."""
    teaching = asyncio.create_task(teacher.teach())
    try:
        for victim in plan.kills(rng):
            await asyncio.sleep(rng.uniform(0.5, plan.duration))
            await _kill(host, victim)
        await _heard_of(ssh, plan.ssh)
        teacher.stop()
        await asyncio.wait_for(teaching, patient(120))
        await students.settle(SETTLE)
        stored = await host.responses()
    finally:
        teaching.cancel()
        await students.close()
        await teacher.close()
        await host.stop()
    outcome = judge(teacher.rounds, students.told, [response for _, response in stored])
    return replace(
        outcome, by_ssh=len(ssh.told), wrong=[*outcome.wrong, *_wrong_by_ssh(ssh, stored)]
    )


def judge(rounds: int, told: Told, stored: list[Response]) -> Outcome:
    """Compare what the students were told with what is stored."""
    count = Counter((response.round_id, response.student_id) for response in stored)
    by_key = {(response.round_id, response.student_id): response for response in stored}
    return Outcome(
        rounds=rounds,
        acknowledged=len(told.acknowledged),
        stored=len(stored),
        lost=[key for key in told.acknowledged if key not in by_key],
        doubled=[key for key, times in count.items() if times > 1],
        wrong=told.contradictions
        + [
            f"{key}: told {result}, stored {by_key[key]}"
            for key, result in told.acknowledged.items()
            if key in by_key
            and (
                (result.correct is not None and result.correct != by_key[key].correct)
                or result.your_answer != by_key[key].answer
                or abs((result.response_time or 0) - by_key[key].response_time) > 1e-9
            )
        ],
        refused=told.refused,
        by_page=sum(student_id.startswith("P") for _, student_id in told.acknowledged),
    )


def _wrong_by_ssh(ssh: SshStudents, stored: list[tuple[int, Response]]) -> list[str]:
    """Return what students with `ssh` read that is not what is stored."""
    correct = {(number, response.student_id): response.correct for number, response in stored}
    return ssh.contradictions + [
        f"{key}: read {'right' if said else 'wrong'}, stored {correct.get(key)}"
        for key, said in ssh.told.items()
        if correct.get(key) is not said
    ]


async def _heard_of(ssh: SshStudents, students: int) -> None:
    """Let the class go on until somebody by `ssh` has read a verdict.

    On a busy machine, each kill costs them more time than there is until the next one.
    """
    if students:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ssh.heard.wait(), patient(60))


async def _kill(host: Host, victim: str) -> None:
    if victim == "server":
        await host.kill()
        await host.start()
    else:
        host.kill_mongod()


def _bank(size: int) -> list[dict[str, object]]:
    return [
        {"question": f"Question {n}?", "options": ["a", "b", "c", "d"], "correct": n % 4}
        for n in range(size)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--server-kills", type=int, default=20)
    parser.add_argument("--mongod-kills", type=int, default=5)
    parser.add_argument("--pages", type=int, default=5)
    parser.add_argument("--ssh", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plan = Plan(
        given.students,
        given.server_kills,
        given.mongod_kills,
        given.pages,
        given.ssh,
        seed=given.seed,
    )
    with tempfile.TemporaryDirectory(prefix="lq-chaos-") as folder:
        outcome = asyncio.run(run(plan, Path(folder)))
    print(outcome)  # noqa: T201
    raise SystemExit(not outcome.good)


if __name__ == "__main__":
    main()
