"""How the server hands an accepted connection to a worker: its number, its address, its socket."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

MESSAGE = struct.Struct("!I")  # a connection's number: the worker's word that it has ended
HANDOVER = struct.Struct("!I64s")  # a connection's number and address; its socket goes with it


@dataclass(frozen=True, slots=True)
class Assigned:
    """A connection that a worker is to serve."""

    number: int
    address: str
    socket: socket.socket


def hand_over(control: socket.socket, number: int, address: str, accepted: socket.socket) -> None:
    """Send a connection to a worker.

    Raises:
        OSError: If the worker has gone, or is too busy to take it.
    """
    message = HANDOVER.pack(number, address.encode()[:64])
    socket.send_fds(control, [message], [accepted.fileno()])


def received(control: socket.socket) -> Assigned | None:
    """Return the next connection; None once the server has gone."""
    message, descriptors, _, _ = socket.recv_fds(control, HANDOVER.size, 1)
    if len(message) < HANDOVER.size or not descriptors:
        return None
    number, address = HANDOVER.unpack(message)
    accepted = socket.socket(fileno=descriptors[0])
    accepted.setblocking(False)
    return Assigned(number, address.rstrip(b"\0").decode(), accepted)
