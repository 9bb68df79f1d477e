"""Edits questions as YAML in the author's editor, reopening it until the text is valid."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from livequiz.bank.editing import Changes, changes
from livequiz.bank.reading import Problem
from livequiz.commands.output.bank_files import print_problems
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Question


def edit_until_right(text: bytes, before: Sequence[Question]) -> Changes | None:
    """Open a text in an editor, and reopen it while it has errors.

    If the author gives up, the text is kept in a file, and the error names it.

    Returns:
        The changes to the questions; None if nothing was saved.

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
        interactive = sys.stdin.isatty()
        if not (interactive and click.confirm("Edit again?", default=True, err=True)):
            message = f"Nothing was stored; your text is kept in {path}."
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
