"""Shared base of both terminal apps: text sanitizing, themes, logging and a clean exit."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
from collections.abc import Callable, Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
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

HOLD = 4.0  # seconds
_INDENT = re.compile(r"^ +", re.MULTILINE)

# Breakpoints: the minimum columns or rows for each style class.
WIDTHS = [(0, "-narrow"), (70, "-normal"), (120, "-wide")]
HEIGHTS = [(0, "-short"), (20, "-low"), (32, "-tall")]

# The command palette's own entries, and the palette itself.
EVERYWHERE = {"Keys", "Quit", "Commands"}

Clock = Callable[[], float]  # a monotonic clock, in seconds


def plain(text: object, *, keep: str = "\n\t") -> Content:
    """Return untrusted text, safe to show: no markup, no control characters.

    Args:
        text: Text from a user, a file or a server.
        keep: Control characters to keep for layout; "" for text that must stay on one line.
    """
    shown = printable(str(text), keep=keep).expandtabs(4)
    return Content(indented(shown))


def indented(text: str) -> str:
    """Return text whose lines keep their indentation when they wrap."""
    return _INDENT.sub(lambda found: "\u00a0" * len(found[0]), text)


def with_id(name: str, person_id: str) -> Content:
    """Return a name with the id dimmed after it, on one line."""
    return Content.assemble(plain(name, keep=""), (f" ({plain(person_id, keep='')})", "$muted"))


def plain_text(text: object) -> Text:
    """Return untrusted text on one line as Rich's `Text`, for widgets such as DataTable."""
    return Text(plain(text, keep="").plain)


def say(widget: Static, words: str | Content) -> None:
    """Show one line of text in a widget; relayout only if its size may change."""
    content = words if isinstance(words, Content) else plain(words)
    known = widget.content
    if known != content:  # Content compares equal by its plain text
        length = known.cell_length if isinstance(known, Content) else -1
        widget.update(content, layout=content.cell_length != length)


def size_classes(size: Size) -> list[str]:
    """Return the style classes for a size, so that a screen has them in its first frame.

    Textual sets them only after that frame, so a newly pushed screen would flicker.
    """
    width = max(step for step in WIDTHS if step[0] <= size.width)
    height = max(step for step in HEIGHTS if step[0] <= size.height)
    return [width[1], height[1]]


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that can safely be dismissed twice, or while another screen covers it.

    Of several keys that arrive together, the first may close the screen; Textual would then let
    the next one close whatever screen is on top.

    Attributes:
        dismissed: Whether it is closing, and may lack some of its widgets.
    """

    # The one style of all of them: a box in front of what was there.
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog #box { width: 70; max-width: 94%; height: auto; max-height: 100%; padding: 1 3; }
    Dialog #box { background: $surface; border: round $primary; }
    Dialog #box.-warning { border: round $warning; }
    Dialog #box.-reading { width: 90; max-height: 90%; }
    Dialog #box.-form { width: 78; max-width: 98%; padding: 0 2; }
    Dialog #box > #question { text-style: bold; margin: 0 0 1 0; }
    Dialog #box > #note { color: $muted; margin: 0 0 1 0; }
    Dialog #buttons { height: 3; width: 1fr; align: center middle; }
    Dialog Button { margin: 0 1; }
    """

    dismissed = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        if not self.is_current:
            return AwaitComplete()
        self.dismissed = True
        return super().dismiss(result)

    def after_typing(self, act: Callable[[], None]) -> None:
        """Do something once the field has the keys that were typed before.

        A key of a binding with priority overtakes them: those wait in the field's queue.
        """

        def unless_dismissed() -> None:
            if not self.dismissed:
                act()

        (self.focused or self).call_later(unless_dismissed)


class BaseApp(App[None]):
    """A Textual app with this program's themes, log and commands.

    Args:
        clock: Measures durations; tests pass a fake one.
        hosted: Whether the app runs in a process with others, for somebody at another computer.

    Attributes:
        joined: Is set once its user has joined a meeting.
    """

    CSS_PATH: ClassVar[list[str | PurePath]] = [Path(__file__).with_name("base.tcss")]
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("escape", "close_keys", show=False, priority=True),
    ]

    def __init__(self, clock: Clock = monotonic, *, hosted: bool = False) -> None:
        super().__init__()
        self.clock = clock
        self.joined = asyncio.Event()
        self._hosted = hosted
        self._log_handler: logging.Handler | None = None
        self._leaving = False
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Provide our theme variables, so that style sheets stay valid under other themes."""
        return dict(DARK.variables)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List the commands for the command palette."""
        yield SystemCommand("Dark or light", "Switch the colours", self.action_switch_colours)
        yield SystemCommand("Keys", "Show or hide the keys", self.action_switch_keys)
        yield SystemCommand("Quit", "Leave LiveQuiz", self.action_quit)
        listed = {*EVERYWHERE, ""}
        for node, binding, enabled, _ in screen.active_bindings.values():
            # Include the screen's hidden bindings: the footer has no room for all of them.
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
        """Preload something in a thread after the first frame is painted."""

        async def later() -> None:
            await asyncio.to_thread(load)

        self.call_after_refresh(lambda: self.run_worker(later(), "load", "load"))

    def hold_collections(self) -> None:
        """Let Python look for unreachable objects later, if other apps of the process are busy too.

        Showing a question makes so many objects that several looks would be due, through those of
        all apps; with fifty of them that took a third of the time.
        """
        if self._hosted:
            gc.disable()
            asyncio.get_running_loop().call_later(HOLD, gc.enable)

    def on_load(self) -> None:
        if not self._hosted:
            self._log_handler = _log_to_file()

    def on_unmount(self) -> None:
        if self._hosted:
            gc.enable()  # its loop may end before the time to do so has come
        if self._log_handler is not None:
            logging.getLogger().removeHandler(self._log_handler)
            self._log_handler.close()

    def _handle_exception(self, error: Exception) -> None:
        # Textual wraps a worker's exception; the cause has the useful traceback.
        cause = getattr(error, "error", error)
        if self._leaving or self._exit:
            # A screen may still be mounting during teardown and miss its widgets: not a crash.
            log.warning("The terminal app failed while it was exiting", exc_info=cause)
            return
        log.critical("The terminal app crashed", exc_info=cause)
        super()._handle_exception(error)

    async def _shutdown(self) -> None:
        self._leaving = True
        await super()._shutdown()

    def _fatal_error(self) -> None:
        # Textual's traceback would print all local variables, a student's token among them.
        self.panic(
            Text(
                "LiveQuiz stopped because of a bug. Stored answers are safe; start it again to "
                f"continue.\nDetails are in {log_path()}"
            )
        )


def log_path() -> Path:
    """Return the path of the log file."""
    folder = os.environ.get("LIVEQUIZ_STATE_DIR")
    return (Path(folder) if folder else platformdirs.user_log_path("livequiz")) / "tui.log"


def _log_to_file() -> logging.Handler | None:
    """Log to a file: output on stderr would corrupt the screen."""
    try:
        log_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_path(), maxBytes=1_000_000, backupCount=1, delay=True)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    return handler
