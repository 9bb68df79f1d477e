"""No attribute of ours has the name of a private one of Textual's: Python would not say a word."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from functools import cache

import pytest
from textual.message_pump import MessagePump

import livequiz.ssh
import livequiz.tui

# Overridden or extended on purpose.
MEANT = {
    *("_on_key", "_on_paste", "_handle_exception", "_shutdown", "_fatal_error"),
    *("_size", "_bindings", "_button"),
}


@cache
def names_of(cls: type) -> frozenset[str]:
    """Return the private names that a class's code sets: methods, and attributes of `self`."""
    try:
        (tree,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls))).body
    except (TypeError, OSError, SyntaxError):
        return frozenset()
    assert isinstance(tree, ast.ClassDef)
    methods = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    stored = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    return frozenset(name for name in methods | stored if name[0] == "_" and name[-1] != "_")


def ours() -> list[type]:
    found = []
    for info in pkgutil.walk_packages(livequiz.tui.__path__, "livequiz.tui."):
        module = importlib.import_module(info.name)
        found += [
            cls
            for _, cls in inspect.getmembers(module, inspect.isclass)
            if cls.__module__ == info.name and issubclass(cls, MessagePump)
        ]
    return found


@pytest.mark.parametrize("cls", ours(), ids=lambda cls: cls.__name__)
def test_no_private_name_of_textual_is_used_for_something_else(cls: type) -> None:
    theirs = {
        name: base.__name__
        for base in cls.__mro__[1:]
        if base.__module__.startswith("textual")
        for name in names_of(base)
    }
    taken = {name: theirs[name] for name in names_of(cls) & theirs.keys() - MEANT}
    assert taken == {}
