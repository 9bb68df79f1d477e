"""What the server asks of MongoDB: every command, and how many documents came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pymongo import monitoring

from tests.helpers import Json

# Signs of life between servers, and what the driver itself says.
BACKGROUND = {"nodes"}
DRIVER = {"hello", "ping", "endSessions", "killCursors", "buildInfo", "explain"}


@dataclass
class Asked:
    """The commands of one use case."""

    commands: list[Json] = field(default_factory=list)
    documents: int = 0  # that MongoDB returned

    @property
    def names(self) -> Counter[str]:
        """The commands, by name and collection."""
        return Counter(name_of(command) for command in self.commands)


def name_of(command: Json) -> str:
    verb, collection = next(iter(command.items()))
    return f"{verb} {command['collection'] if verb == 'getMore' else collection}"


class Listener(monitoring.CommandListener):
    """Hears of the commands of one client."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []
        self._heard: set[int] = set()

    @contextmanager
    def record(self) -> Iterator[Asked]:
        """Record what is asked while the block runs."""
        asked = Asked()
        self._asked.append(asked)
        try:
            yield asked
        finally:
            self._asked.remove(asked)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        command: Json = dict(event.command)
        verb, collection = next(iter(command.items()))
        if verb in DRIVER or collection in BACKGROUND:
            return
        self._heard.add(event.request_id)
        for asked in self._asked:
            asked.commands.append(command)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if event.request_id not in self._heard:
            return
        cursor: Any = event.reply.get("cursor") or {}
        returned = cursor.get("firstBatch", cursor.get("nextBatch", ()))
        for asked in self._asked:
            asked.documents += len(returned)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._heard.discard(event.request_id)
