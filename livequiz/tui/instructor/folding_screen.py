"""The dashboard's three views: side by side if there is room, else as tabs."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Tab, Tabs

VIEWS = {"responses": "Responses", "here": "Here", "figures": "Figures"}
LOBBY = "How to join"  # shown in place of the responses before the first round


class Views(Tabs):
    """The tabs. They never take the focus; the view they show does."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__(*(Tab(label, id=view) for view, label in VIEWS.items()), id="views")

    def lobby(self, waiting: bool) -> None:
        """Label the first tab for the lobby, or for the responses."""
        self.query_one("#responses", Tab).label = LOBBY if waiting else VIEWS["responses"]
        self.query_one("#figures", Tab).display = not waiting

    def beside(self, view: str, step: int) -> str:
        """Return the view `step` places after another one."""
        names = [tab.id or "" for tab in self.query(Tab) if tab.display]
        place = names.index(view) if view in names else 0
        return names[(place + step) % len(names)]


class FoldingScreen(Screen[None]):
    """A screen with these views. The focus follows the view: no key may act on a hidden one.

    The class `-view-...` names the current view; on a narrow screen, style sheets hide the others.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "view('responses')", VIEWS["responses"], show=False),
        Binding("1", "lobby", LOBBY, show=False),
        Binding("2", "view('here')", "Here", show=False),
        Binding("3", "view('figures')", VIEWS["figures"], show=False),
        Binding("tab", "next_view(1)", "Next list", show=False, key_display="Tab"),
        Binding("shift+tab", "next_view(-1)", show=False),
    ]

    def pane(self, view: str) -> Widget | None:
        """Return the widget in a view that takes the focus; None if there is none."""
        raise NotImplementedError

    @property
    def folded(self) -> bool:
        """Whether there is room for one view only."""
        return self.has_class("-narrow") or self.has_class("-normal")

    @property
    def view(self) -> str:
        """The view selected last."""
        return next(name for name in VIEWS if self.has_class(f"-view-{name}"))

    def sees(self, view: str) -> bool:
        """Whether a view is on the screen."""
        return not self.folded or self.view == view

    def see(self, view: str) -> None:
        """Show a view."""
        self.query_one(Views).active = view
        for name in VIEWS:
            self.set_class(name == view, f"-view-{name}")

    def focus_view(self) -> None:
        """Focus the selected view."""
        self.set_focus(self.pane(self.view))

    def action_view(self, view: str) -> None:
        self.see(view)
        self.call_after_refresh(self.focus_view)  # a hidden widget can't take the focus

    def action_lobby(self) -> None:
        """Show how to join, in the place of the responses."""
        self.action_view("responses")

    def action_next_view(self, step: int) -> None:
        if self.folded and not isinstance(self.focused, Input):
            self.action_view(self.query_one(Views).beside(self.view, step))
        elif step > 0:
            self.app.action_focus_next()
        else:
            self.app.action_focus_previous()

    @on(Tabs.TabActivated)
    def _switch(self, event: Tabs.TabActivated) -> None:
        # A stale event would switch the view back, and trigger another event: an endless loop.
        if event.tab.id is not None and self.view != event.tab.id == self.query_one(Views).active:
            self.action_view(event.tab.id)

    def on_resize(self) -> None:
        """Move the focus away from a view that is now hidden."""
        if not isinstance(self.focused, Input) and (self.folded or self.focused is None):
            self.call_after_refresh(self.focus_view)
