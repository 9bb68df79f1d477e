"""The key bindings of the current screen, without those of every list and field."""

from __future__ import annotations

from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

KEYS = 9  # columns
VIEWS = "Lists"


class KeysPanel(Static):
    """A panel beside the screen's content; it covers none of it."""

    DEFAULT_CSS = """
    KeysPanel {
        split: right; width: 28; max-width: 40%; height: 100%; padding: 0 1;
        border-left: vkey $rule;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def on_mount(self) -> None:
        self._paint(self.screen)
        self.screen.bindings_updated_signal.subscribe(self, self._paint)

    def _paint(self, screen: Screen[object]) -> None:
        lines = [Content.styled("Press Esc to close", "$muted")]
        for description, uses in _by_description(screen).items():
            keys = dict.fromkeys(self.app.get_key_display(use.binding) for use in uses)
            dim = "" if uses[0].enabled else "$muted"
            lines.append(
                Content.assemble(
                    (f"{' '.join(keys):>{KEYS}}", dim or "bold $primary"), (f"  {description}", dim)
                )
            )
        self.update(Content("\n").join(lines))


def _by_description(screen: Screen[object]) -> dict[str, list[ActiveBinding]]:
    """Return what keys do: as the footer has it, then what the screen adds, then its lists."""
    own = [use for use in screen.active_bindings.values() if _is_own(use)]
    own.sort(key=lambda use: 0 if use.binding.show else 1 if use.node is screen else 2)
    found: dict[str, list[ActiveBinding]] = {}
    for use in own:
        # A small screen has no line for each view; the tabs are named on it anyway.
        view = use.binding.action.startswith("view(")
        uses = found.setdefault(VIEWS if view else use.binding.description, [])
        if view or not uses or not uses[0].binding.show:
            uses.append(use)
    return found


def _is_own(use: ActiveBinding) -> bool:
    """Whether a binding is this program's own and has a description."""
    inherited = {
        (binding.action, binding.description)
        for kind in type(use.node).__mro__
        if not kind.__module__.startswith("livequiz.")
        for binding in vars(kind).get("BINDINGS", ())
        if isinstance(binding, Binding)
    }
    found = use.binding.action, use.binding.description
    return bool(use.binding.description) and found not in inherited
