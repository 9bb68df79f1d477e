"""Limits lean on insides of python-engineio; where those are not there, no server starts."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import engineio
import pytest
import socketio
from engineio.async_drivers import aiohttp as driver
from engineio.async_socket import AsyncSocket

from livequiz.db.store import Store
from livequiz.domain.errors import QuizError
from livequiz.server.app import create_app
from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from livequiz.server.transport.engineio_hooks import (
    EVENTS,
    HOOKS,
    HOOKS_OF_CONNECTIONS,
    HOOKS_OF_DRIVER,
    HOOKS_OF_SOCKETIO,
    HOOKS_OF_WEBSOCKETS,
)
from livequiz.server.transport.engineio_server import AsyncServer
from tests.conftest import TOKEN

LEANT_ON = {"aiohttp", "python-engineio", "python-socketio"}


def without(monkeypatch: pytest.MonkeyPatch, library: type, name: str) -> None:
    """Take a name out of one of the library's servers, as if it had been renamed there."""
    for owner in library.__mro__:
        if name in vars(owner):
            monkeypatch.delattr(owner, name)
    make = AsyncServer.__init__

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        server = self if library is socketio.AsyncServer else self.eio
        vars(server).pop(name, None)

    monkeypatch.setattr(AsyncServer, "__init__", made)


@pytest.mark.parametrize(
    ("library", "name"),
    [
        *((engineio.AsyncServer, name) for name in HOOKS),
        *((socketio.AsyncServer, name) for name in HOOKS_OF_SOCKETIO),
    ],
)
async def test_a_name_that_is_gone_keeps_a_server_with_limits_from_starting(
    store: Store, monkeypatch: pytest.MonkeyPatch, library: type, name: str
) -> None:
    """It let 3,000 of 3,000 messages through, with one line in the log."""
    without(monkeypatch, library, name)
    with pytest.raises(QuizError, match=re.escape(name)) as refusal:
        create_app(store, Policy(TOKEN))
    assert "--no-limits" in refusal.value.message


@pytest.mark.parametrize("name", HOOKS_OF_WEBSOCKETS)
async def test_a_name_that_is_gone_from_its_websockets_does_so_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delattr(driver.WebSocket, name)
    with pytest.raises(QuizError, match=name):
        create_app(store, Policy(TOKEN))


@pytest.mark.parametrize("name", HOOKS_OF_DRIVER)
async def test_a_part_of_its_driver_that_is_gone_does_so_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delitem(driver._async, name)
    with pytest.raises(QuizError, match=name):
        create_app(store, Policy(TOKEN))


@pytest.mark.parametrize("name", HOOKS_OF_CONNECTIONS)
async def test_a_name_that_is_gone_from_its_connections_does_so_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    find = AsyncSocket.__getattribute__

    def renamed(self: Any, asked: str) -> Any:
        if asked == name:
            raise AttributeError(asked)
        return find(self, asked)

    monkeypatch.setattr(AsyncSocket, "__getattribute__", renamed)
    with pytest.raises(QuizError, match=name):
        create_app(store, Policy(TOKEN))


@pytest.mark.parametrize("event", sorted(EVENTS))
async def test_an_event_that_is_gone_does_so_too(
    store: Store, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    make = AsyncServer.__init__

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        del self.eio.handlers[event]

    monkeypatch.setattr(AsyncServer, "__init__", made)
    with pytest.raises(QuizError, match=event):
        create_app(store, Policy(TOKEN))


def test_no_limits_are_no_limits() -> None:
    assert Limits().enforced
    assert not Limits.none().enforced


def test_what_is_leant_on_is_bounded_and_the_tests_run_with_a_version_in_the_bounds() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    bounds = {}
    for line in project["project"]["dependencies"]:
        if found := re.fullmatch(r"([\w-]+)>=([\d.]+),<([\d.]+)", line):
            bounds[found[1]] = (found[2], found[3])
    assert bounds.keys() >= LEANT_ON
    for name in LEANT_ON:
        low, high, now = (
            tuple(map(int, version.split(".")))
            for version in (*bounds[name], importlib.metadata.version(name))
        )
        assert low <= now < high, name
