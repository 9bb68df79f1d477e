"""What is measured: a server that runs, and how to talk to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under load.

    Attributes:
        name: What tables call it.
        url: Where it listens.
        pid: Its process.
        meeting: The meeting that its students join.
        mongo_url: The MongoDB that it stores in.
        database: The name of its database there.
        token: What its instructors show, if it asks for one.
        acks: Whether it answers events by acks and closes rounds, as this product does; a server
            that works as the original design does sends named events alone.
    """

    name: str
    url: str
    pid: int
    meeting: str
    mongo_url: str
    database: str
    token: str | None = None
    acks: bool = True
