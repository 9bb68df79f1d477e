"""An author's own editor on YAML, again until what was written can be read."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from livequiz.bank.editing import Changes, changes
from livequiz.bank.reading import Problem
from livequiz.console.bank_files import print_problems
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Question


def edit_until_right(text: bytes, before: Sequence[Question]) -> Changes | None:
    """Open an editor on a text, and again as long as there is something wrong with it.

    What was written is kept in a file whose name is told if the author gives up.

    Returns:
        What was done to the questions; None if nothing was saved.

    Raises:
        QuizError: If there is no editor, or the author gives up.
    """
    with tempfile.NamedTemporaryFile(prefix="livequiz-", suffix=".yaml", delete=False) as file:
        file.write(text)
    path = Path(file.name)
    while True:
        _edit(path)
        written = path.read_bytes()
        if written == text:
            path.unlink()
            return None
        found, problems = _read(path, written, before)
        if found is not None and not problems:
            path.unlink()
            return found
        if not _again():
            message = f"Nothing was stored; what you wrote is in {path}."
            raise QuizError(Code.BAD_REQUEST, message)


def _edit(path: Path) -> None:
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        message = f"{error.message}. Set $EDITOR to an editor that is installed, such as nano."
        raise QuizError(Code.BAD_REQUEST, message) from None


def _read(
    path: Path, written: bytes, before: Sequence[Question]
) -> tuple[Changes | None, list[Problem]]:
    try:
        found, problems = changes(written, before)
    except QuizError as error:
        click.echo(f"{path}: {error.message}", err=True)
        return None, []
    print_problems(path, problems)
    return found, problems


def _again() -> bool:
    """Ask whether to open the editor again; where nobody can answer, don't."""
    return sys.stdin.isatty() and click.confirm("Edit again?", default=True, err=True)
