"""What both terminal apps have in common: text made safe, themes, the log, a quiet end."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Callable, Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from time import monotonic
from typing import ClassVar

import platformdirs
from rich.text import Text
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widgets import Static

from livequiz.domain.text import printable
from livequiz.tui.themes import DARK, LIGHT
from livequiz.tui.widgets.keys_panel import KeysPanel

log = logging.getLogger(__name__)

_INDENT = re.compile(r"^ +", re.MULTILINE)

# From how many columns and rows on a screen has which style class.
WIDTHS = [(0, "-narrow"), (70, "-normal"), (120, "-wide")]
HEIGHTS = [(0, "-low"), (32, "-tall")]

# What the command palette has of its own, or is.
EVERYWHERE = {"Keys", "Quit", "Commands"}

Clock = Callable[[], float]  # seconds, of any origin, never going back


def plain(text: object, *, keep: str = "\n\t") -> Content:
    """Return text from outside this program, safe to show: no markup, no control characters.

    Args:
        text: What a person, a file or a server gave.
        keep: Control characters that lay the text out; "" where it has to stay on one line.
    """
    shown = printable(str(text), keep=keep).expandtabs(4)
    return Content(indented(shown))


def indented(text: str) -> str:
    """Return text whose lines keep the spaces that they begin with when they are wrapped."""
    return _INDENT.sub(lambda found: "\u00a0" * len(found[0]), text)


def with_id(name: str, person_id: str) -> Content:
    """Return a name with the id quietly after it, on one line."""
    return Content.assemble(plain(name, keep=""), (f" ({plain(person_id, keep='')})", "$muted"))


def plain_text(text: object) -> Text:
    """Return the same for widgets that take Rich's `Text`, such as a DataTable; one line."""
    return Text(plain(text, keep="").plain)


def say(widget: Static, words: str | Content) -> None:
    """Let a widget say something in one line, and lay the screen out only if that may move."""
    content = words if isinstance(words, Content) else plain(words)
    known = widget.content
    if known != content:  # contents are compared by what is to be read
        length = known.cell_length if isinstance(known, Content) else -1
        widget.update(content, layout=content.cell_length != length)


def size_classes(size: Size) -> list[str]:
    """Return the style classes of a size, for a screen to have them in its first frame.

    Textual sets them after that frame: a screen that is pushed would show itself twice.
    """
    width = max(step for step in WIDTHS if step[0] <= size.width)
    height = max(step for step in HEIGHTS if step[0] <= size.height)
    return [width[1], height[1]]


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that can be told to go twice, or while something covers it.

    Keys that arrive together are handled one after the other, the last ones when the first has
    closed the screen; Textual would then close whatever lies on top.

    Attributes:
        dismissed: Whether it is on its way out, and may lack some of its widgets.
    """

    dismissed = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        if not self.is_current:
            return AwaitComplete()
        self.dismissed = True
        return super().dismiss(result)


class BaseApp(App[None]):
    """A Textual app with this program's themes, log and commands.

    Args:
        clock: Where durations are measured; tests stop it.
    """

    CSS_PATH = Path(__file__).with_name("base.tcss")
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("escape", "close_keys", show=False, priority=True),
    ]

    def __init__(self, clock: Clock = monotonic) -> None:
        super().__init__()
        self.clock = clock
        self._log_handler: logging.Handler | None = None
        self._leaving = False
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Keep the style sheets valid under a theme that is not ours."""
        return dict(DARK.variables)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List in the command palette what works everywhere."""
        yield SystemCommand("Dark or light", "Switch the colours", self.action_switch_colours)
        yield SystemCommand("Keys", "Show or hide the keys", self.action_switch_keys)
        yield SystemCommand("Quit", "Leave LiveQuiz", self.action_quit)
        listed = {*EVERYWHERE, ""}
        for node, binding, enabled, _ in screen.active_bindings.values():
            # The footer has no room for all that the screen can do.
            if not enabled or not (binding.show or node is screen):
                continue
            if binding.description not in listed:
                listed.add(binding.description)
                yield SystemCommand(
                    binding.description,
                    f"Key: {self.get_key_display(binding)}",
                    lambda key=binding.key: self.simulate_key(key),
                )

    def action_switch_colours(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_switch_keys(self) -> None:
        if self.screen.query(KeysPanel):
            self.action_close_keys()
        else:
            self.screen.mount(KeysPanel())

    def action_close_keys(self) -> None:
        self.screen.query(KeysPanel).remove()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "close_keys" or bool(self.screen.query(KeysPanel))

    def after_first_frame(self, load: Callable[[], object]) -> None:
        """Do in a thread what the next step will need, once the screen can be read."""

        async def later() -> None:
            await asyncio.to_thread(load)

        self.call_after_refresh(lambda: self.run_worker(later(), "load", "load"))

    def on_load(self) -> None:
        self._log_handler = _log_to_file()

    def on_unmount(self) -> None:
        if self._log_handler is not None:
            logging.getLogger().removeHandler(self._log_handler)
            self._log_handler.close()

    def _handle_exception(self, error: Exception) -> None:
        # A worker's failure is wrapped, and the traceback is that of what is inside.
        cause = getattr(error, "error", error)
        if self._leaving or self._exit:
            # A screen that was being put up finds parts of it taken down already: no failure.
            log.warning("It went wrong while the terminal app ended", exc_info=cause)
            return
        log.critical("The terminal app stopped", exc_info=cause)
        super()._handle_exception(error)

    async def _shutdown(self) -> None:
        self._leaving = True
        await super()._shutdown()

    def _fatal_error(self) -> None:
        # Textual prints the traceback with all local variables; a student's token is among them.
        self.panic(
            Text(
                "LiveQuiz had to stop because of a mistake in the program. Stored answers are safe;"
                f" start it again to go on.\nWhat happened is written in {log_path()}"
            )
        )


def log_path() -> Path:
    """Return the file that unexpected events are written to."""
    folder = os.environ.get("LIVEQUIZ_STATE_DIR")
    return (Path(folder) if folder else platformdirs.user_log_path("livequiz")) / "tui.log"


def _log_to_file() -> logging.Handler | None:
    """Send the log to a file: on stderr it would be drawn across the screen."""
    try:
        log_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_path(), maxBytes=1_000_000, backupCount=1, delay=True)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    return handler
