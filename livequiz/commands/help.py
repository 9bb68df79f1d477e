"""The layout of `--help`: commands in panels and in a useful order, flags without a type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

Function = TypeVar("Function", bound=Callable[..., Any])
ORDER = ("demo", "serve", "instructor", "student", "results", "questions", "simulate", "bench")
TEACHING, KEEPING = "Teach a class", "After the lesson"
QUESTIONS, TRIALS = "Write questions", "Simulate and measure"


def _without_flag_types(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""  # `<bool>` would suggest that a flag takes a value
    return parameters


class Command(TyperCommand):
    """A command whose flags are shown without a type."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the command's parameters."""
        return _without_flag_types(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands whose flags are shown without a type."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the group's parameters."""
        return _without_flag_types(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands: what a class needs first, then the others as registered."""
        names = super().list_commands(ctx)
        return [name for name in ORDER if name in names] + [n for n in names if n not in ORDER]


class App(typer.Typer):
    """A Typer app that uses the classes above."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(cls=Group, no_args_is_help=True, **settings)

    def command(self, *arguments: Any, **settings: Any) -> Callable[[Function], Function]:
        """Return a decorator that registers a command."""
        return super().command(*arguments, cls=Command, **settings)
