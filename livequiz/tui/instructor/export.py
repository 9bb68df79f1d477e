"""The dialog that saves the meeting's results to a file, and what it calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from livequiz.domain.errors import QuizError
from livequiz.tui.base import Dialog, plain
from livequiz.tui.widgets.checkbox import Mark
from livequiz.tui.widgets.fields import LineInput
from livequiz.tui.widgets.footer import Footer

FORMATS = "The ending names the format: .html to read and print, .xlsx, .csv, .json or .md."

Save = Callable[[Path, bool], Awaitable[None]]  # (file, whether without names)


class ExportDialog(Dialog[Path | None]):
    """Asks where to save the results, and saves them; dismissed with the file, or with None.

    Args:
        file: The path to suggest.
        save: Writes the file; raises a `QuizError` if it can't.
    """

    CSS_PATH = "export.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "save", "Save", key_display="Enter", priority=True),
        Binding("tab", "app.focus_next", "Next field", key_display="Tab"),
        Binding("escape", "leave", "Back", key_display="Esc"),
    ]

    def __init__(self, file: Path, save: Save) -> None:
        super().__init__()
        self._file = file
        self._save = save
        self._overwrites = ""  # the existing file that Enter replaces
        self._saving = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static("Save the results of this meeting", id="question")
            yield LineInput(str(self._file), id="file", compact=True)
            yield Static(FORMATS, id="note", markup=False)
            yield Mark("Without names", id="anonymous")
            yield Static("", id="message", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.query_one("#file", Input).focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_save(self) -> None:
        self.after_typing(self._save_typed)

    def _save_typed(self) -> None:
        if self._saving:
            return
        typed = self.query_one("#file", Input).value.strip()
        try:
            file = Path(typed).expanduser()
            exists = file.exists()
        except (OSError, RuntimeError):  # too long, not to be looked at, or of an unknown user
            self._say("No file can have that name here: choose another.")
            return
        if not typed:
            self._say("Type the name of a file.")
        elif exists and typed != self._overwrites:
            self._overwrites = typed
            self._say(f"{file} already exists. Press Enter again to replace it.")
        else:
            self._saving = True
            self._say("Reading the rounds ...")
            self.run_worker(self._write(file), "save", "save")

    async def _write(self, file: Path) -> None:
        try:
            await self._save(file, self.query_one("#anonymous", Mark).value)
        except QuizError as error:
            self._saving = False
            self._say(error.message)
        else:
            self.dismiss(file)

    def _say(self, sentence: str) -> None:
        self.query_one("#message", Static).update(plain(sentence))


def saver(url: str, token: str, tls_ca: Path | None, meeting_id: str) -> Save:
    """Return what reads a meeting from its server, and writes the report to a file."""

    async def save(file: Path, anonymous: bool) -> None:
        export = await asyncio.to_thread(_load)
        await export(url, token, meeting_id, file, tls_ca=tls_ca, anonymous=anonymous)

    return save


def _load() -> Callable[..., Awaitable[None]]:
    """Import what reports need, which a dashboard rarely does."""
    from livequiz.results.export import export  # noqa: PLC0415

    return export
