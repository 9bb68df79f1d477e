"""The system under test: a running server and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test.

    Attributes:
        name: Its name in tables.
        url: Where it listens.
        pid: Its process id.
        meeting: The meeting that students join.
        mongo_url: The URL of its MongoDB.
        database: The name of its database.
        token: The instructor token, if it requires one.
        acks: Whether it replies with acks and closes rounds, as this product does; a server of the
            original design sends only named events.
    """

    name: str
    url: str
    pid: int
    meeting: str
    mongo_url: str
    database: str
    token: str | None = None
    acks: bool = True
