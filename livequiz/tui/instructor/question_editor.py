"""Edits one question as text, in the format of question files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from livequiz.bank import native
from livequiz.bank.reading import Problem
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.questions import QuestionIn, from_draft, to_draft
from livequiz.tui.base import Dialog, plain
from livequiz.tui.widgets.footer import Footer

NOTE = (
    "Another key, options or points make a new question; the old one is retired with its answers."
)
ONE = "Leave exactly one question here."

Store = Callable[[QuestionIn], Awaitable[object]]


class QuestionEditor(Dialog[bool]):
    """A text field with a question; dismissed with whether it was stored.

    Args:
        question: The question as it is.
        store: Stores the new version; raises a `QuizError` if it can't.
    """

    CSS_PATH = "question_editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("escape", "leave", "Back", key_display="Esc", priority=True),
    ]

    def __init__(self, question: QuestionIn, store: Store) -> None:
        super().__init__()
        self._text = native.write_yaml([to_draft(question)]).content.decode()
        self._store = store
        self._saving = False
        self._warned_of = ""  # the text that another Esc throws away

    def compose(self) -> ComposeResult:
        with Vertical(id="box", classes="-reading"):
            yield TextArea(self._text, compact=True, soft_wrap=True, tab_behavior="focus")
            yield Static(NOTE, id="message", markup=False)
        yield Footer()

    def action_leave(self) -> None:
        self.after_typing(self._leave)

    def _leave(self) -> None:
        """Go back; if something was changed, only when Esc is pressed again."""
        text = self.query_one(TextArea).text
        if text in {self._text, self._warned_of}:
            self.dismiss(False)
            return
        self._warned_of = text
        self._say("Press Esc again to throw your changes away, or Ctrl+S to save them.")

    def action_save(self) -> None:
        self.after_typing(self._save_typed)

    def _save_typed(self) -> None:
        if self._saving:
            return
        try:
            question = read(self.query_one(TextArea).text)
        except QuizError as error:
            self._say(error.message)
            return
        self._saving = True
        self.run_worker(self._save(question), "save", "save")

    async def _save(self, question: QuestionIn) -> None:
        try:
            await self._store(question)
        except QuizError as error:
            self._say(error.message)
        else:
            self.dismiss(True)
        finally:
            self._saving = False

    def _say(self, sentence: str) -> None:
        if not self.dismissed and self.is_attached:
            self.query_one("#message", Static).update(plain(sentence, keep=""))
            self.query_one("#message").add_class("-wrong")


def read(text: str) -> QuestionIn:
    """Return the one question of a text.

    Raises:
        QuizError: `bad_request`, with what to change.
    """
    entries, places = native.yaml_entries(text.encode("utf-8", "replace"))
    if len(entries) != 1:
        raise QuizError(Code.BAD_REQUEST, ONE)
    found = native.read_entry(entries[0], places[0])
    if isinstance(found, Problem):
        raise QuizError(Code.BAD_REQUEST, f"{found.message}", found.field)
    return from_draft(found.draft)
