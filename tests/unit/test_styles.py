"""Where styles of the screens stand, and which colours they use."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from textual.screen import Screen

import livequiz.tui
from livequiz.tui.base import Dialog
from livequiz.tui.student.app import StudentApp

FOLDER = Path(livequiz.tui.__file__).parent
SHEETS = sorted(FOLDER.rglob("*.tcss"))
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DEFAULT = re.compile(r'DEFAULT_CSS = ("""|")(.+?)\1', re.DOTALL)
COLOURED = re.compile(r"(?:^|-)(?:color|background|border|outline|hatch|tint)(?:-|$)")
NO_COLOURS = {"none", "transparent", "round", "hkey", "vkey", "blank", "auto"}


def rules(style: str) -> list[tuple[str, str]]:
    """Return the selectors and the declarations of a style sheet."""
    found = RULE.findall(COMMENT.sub("", style))
    return [(one.strip(), body) for selectors, body in found for one in selectors.split(",")]


def screens() -> list[type[Screen[object]]]:
    """Return every screen of this program."""
    for module in pkgutil.walk_packages([str(FOLDER)], "livequiz.tui."):
        importlib.import_module(module.name)
    found: list[type[Screen[object]]] = []
    waiting: list[type[Screen[object]]] = [Screen]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found += [kind for kind in kinds if kind.__module__.startswith("livequiz.")]
        waiting += kinds
    return found


def styles() -> dict[str, str]:
    """Return all styles: those of sheets, and those of widgets."""
    found = {str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8") for path in SHEETS}
    for path in FOLDER.rglob("*.py"):
        parts = re.findall(
            r'DEFAULT_CSS = """(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL
        )
        parts += re.findall(r'DEFAULT_CSS = "([^"]+)"', path.read_text(encoding="utf-8"))
        found[str(path.relative_to(FOLDER))] = "\n".join(parts)
    return found


@pytest.mark.parametrize("folder", ["student", "instructor"])
def test_a_module_of_a_screen_holds_no_style(folder: str) -> None:
    held = [
        path.name
        for path in (FOLDER / folder).rglob("*.py")
        if re.search(r"^\s*(DEFAULT_)?CSS\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert held == []


def test_a_screens_style_stands_beside_it_and_is_its_own() -> None:
    for screen in screens():
        module = Path(FOLDER.parent.parent, *screen.__module__.split(".")).with_suffix(".py")
        beside = module.with_suffix(".tcss")
        own = vars(screen).get("CSS_PATH")
        assert own in {None, beside.name}, screen
        for path in SHEETS:
            named = re.search(rf"\b{screen.__name__}\b", path.read_text(encoding="utf-8"))
            assert not named or path == beside, (screen, path)
    used = {vars(screen).get("CSS_PATH") for screen in screens()} - {None}
    used |= {Path(path).name for path in StudentApp.CSS_PATH}  # read once, for all of its screens
    assert {path.name for path in SHEETS} == used


def test_dialogs_share_the_box_and_its_buttons_row() -> None:
    dialogs = [kind for kind in screens() if issubclass(kind, Dialog) and kind is not Dialog]
    sheets = {vars(kind).get("CSS_PATH") for kind in dialogs}
    boxed = [
        selector
        for path in SHEETS
        if path.name in sheets
        for selector, _ in rules(path.read_text(encoding="utf-8"))
        if "#box" in selector
    ]
    assert boxed == []
    assert not [kind for kind in dialogs if "DEFAULT_CSS" in vars(kind) or "CSS" in vars(kind)]


def test_every_colour_is_one_of_the_themes() -> None:
    strange = [
        (name, selector, declaration.strip())
        for name, style in styles().items()
        if name != "widgets/qr_code.py"  # phones read dark on light alone
        for selector, body in rules(style)
        for declaration in body.split(";")
        if COLOURED.search(declaration.partition(":")[0].strip())
        for word in declaration.partition(":")[2].split()
        if not (word.startswith("$") or word in NO_COLOURS or re.fullmatch(r"\d+%?", word))
    ]
    assert strange == []
