"""`livequiz rounds`: look into a round."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from livequiz.commands.help import App
from livequiz.commands.options import DataDir, MongoUrl, fail
from livequiz.commands.questions import existing_database, with_store
from livequiz.domain.errors import QuizError
from livequiz.domain.text import printable

if TYPE_CHECKING:
    from livequiz.db.store import Store
    from livequiz.domain.model import Round
    from livequiz.server.quiz.replay import Replay

ROUND_ID = re.compile(r"[0-9a-f]{24}")
SAME, OTHER, IMPOSSIBLE = 0, 1, 2  # exit codes

rounds_app = App(help="Check how a round was drawn.")


@rounds_app.callback()
def _rounds() -> None:
    """Keep `replay` a command of its own, although it is the only one."""


@rounds_app.command(epilog="Example: [bold]livequiz rounds replay K7QX4M 3[/bold]")
def replay(
    data_dir: DataDir,
    meeting: Annotated[
        str, typer.Argument(metavar="MEETING", help="The meeting's code, or a round's id alone.")
    ],
    number: Annotated[
        str | None,
        typer.Argument(metavar="[ROUND]", help="The round's number or id.", show_default=False),
    ] = None,
    mongo_url: MongoUrl = None,
) -> None:
    """Draw a round again from what is stored: the same inputs give the same draw.

    The exit code is 0 if it is the same draw, 1 if not, and 2 if the round can't be drawn again.
    """
    from livequiz.server.quiz.replay import replay as draw_again

    found: list[Replay] = []

    async def work(store: Store) -> None:
        found.append(await draw_again(store, await _round(store, meeting, number)))

    try:
        with_store(existing_database(data_dir, mongo_url, IMPOSSIBLE), mongo_url, work)
    except QuizError as error:
        fail(error.message, IMPOSSIBLE)
    sys.exit(_tell(found[0]))


async def _round(store: Store, meeting: str, number: str | None) -> Round:
    named = number if number is not None else meeting
    if ROUND_ID.fullmatch(named):
        if (known := await store.rounds.find(named)) is not None:
            return known
        fail(f"There is no round {named}.", IMPOSSIBLE)
    if number is None or not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        fail(
            "Name a round too, by its number or id: livequiz rounds replay K7QX4M 3",
            IMPOSSIBLE,
        )
    page = await store.rounds.page(meeting.upper(), int(number) - 1, 1)
    if not page or page[0].number != int(number):
        fail(
            f"There is no round {number} in meeting {meeting.upper()}. `livequiz results` lists "
            "the meetings.",
            IMPOSSIBLE,
        )
    return page[0]


def _print(sentence: str) -> None:
    typer.echo(printable(sentence))


def _tell(replayed: Replay) -> int:
    """Print what came of a replay; return the exit code."""
    one = replayed.round
    rules = ", ".join(rule.replace("_", " ") for rule in one.filters.draw_rules)
    _print(
        f"Round {one.number} of {one.meeting_id}, {one.opened_at:%Y-%m-%d %H:%M} UTC, seed "
        f"{one.draw_seed}{f', preferring {rules}' if rules else ''}."
    )
    if replayed.impossible is not None:
        _print(f"This round can't be drawn again. {replayed.impossible}")
        return IMPOSSIBLE
    count = "1 student" if replayed.students == 1 else f"{replayed.students} students"
    if not replayed.others:
        _print(f"It gives the same draw: {count} would get the question that they got.")
        code = SAME
    else:
        _print(f"It gives another draw: {replayed.others} of {count} would get another question.")
        if not replayed.changed:
            _print("Nothing that is stored has changed; another version may draw otherwise.")
        code = OTHER
    if replayed.changed and not replayed.others:
        _print("That is so although something has changed since:")
    elif replayed.changed:
        _print("Not everything is as it was when the round was opened:")
    for sentence in (*replayed.changed, *replayed.undone):
        _print(f"- {sentence}")
    if replayed.late:
        _print(
            f"Joined later, and got what was free then: {', '.join(sorted(replayed.late))}. "
            "Their questions are not part of the draw."
        )
    return code
