"""How tests look at a screen, and wait for what it will show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.patience import patient


def text_of(app: App[None], screen: Screen[object] | None = None) -> str:
    """Return what is on a screen, line by line, without colour."""
    strips = (screen or app.screen)._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(
    condition: Callable[[], object], what: str = "", timeout: float = patient(10)
) -> None:
    """Wait until a condition holds; fail, saying what was waited for, if it never does."""
    for _ in range(round(timeout * 100)):  # turns, so that a machine that stood still costs none
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"Never came true: {what or condition}")


async def until_shown(app: App[None], words: str, timeout: float = patient(10)) -> None:
    """Wait until words are on the screen."""
    try:
        await until(lambda: words in text_of(app), words, timeout)
    except AssertionError:
        raise AssertionError(f"{words!r} never appeared on:\n{text_of(app)}") from None


async def settle(app: App[None], pilot: Pilot[Any]) -> None:
    """Wait until nothing moves any more, for a picture that is always the same."""
    for _ in range(3):  # classes, then styles, then layout
        await pilot.pause()
    for field in app.screen.query(Input):
        field.cursor_blink = False
        field._cursor_visible = field.has_focus


class ShiftedClock:
    """A clock that goes on, and that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return monotonic() + self.ahead


class StoppedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now
