"""Socket.IO events to handlers and back: acks, errors, connects and disconnects."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.text import printable
from livequiz.protocol import events
from livequiz.protocol.codec import (
    EventDecoder,
    Json,
    ack,
    decode,
    encode_ack,
    error_message,
    nack,
)
from livequiz.protocol.messages import Connected, Message
from livequiz.protocol.plain_words import QUOTED
from livequiz.protocol.requests import Handshake, Request
from livequiz.server.audit import REMARKABLE, audited, of_event
from livequiz.server.delivery import Delivery
from livequiz.server.frames import refusal
from livequiz.server.gate import Gate, too_fast
from livequiz.server.guessing import Guessing
from livequiz.server.handlers import Handlers
from livequiz.server.lane import ACK, Lane, text_frame
from livequiz.server.peers import Peer
from livequiz.server.rooms import Rooms, ended
from livequiz.server.service import QuizService

log = logging.getLogger(__name__)

# An event as Socket.IO has it, without a namespace: with the number of its ack if it wants one.
_EVENT = re.compile(r"2([0-9]{0,9})(?=\[)")

TOO_FAST = QuizError(
    Code.RATE_LIMITED, "You send too much at once. Please wait a moment, and try again."
)


class Sockets:
    """Binds the handlers to a Socket.IO server.

    Args:
        sio: The server.
        service: The use cases.
        delivery: Sends named events.
        gate: Knows the connection behind each socket.
        guessing: Judges joins.
        lane: The fast path, if there is one: events that are right in every way are decoded and
            handled straight from it, and all others as if it was not there.
    """

    def __init__(
        self,
        sio: socketio.AsyncServer,
        service: QuizService,
        delivery: Delivery,
        gate: Gate,
        guessing: Guessing,
        *,
        lane: Lane | None = None,
    ) -> None:
        self._sio = sio
        self._service = service
        self._delivery = delivery
        self._gate = gate
        self._guessing = guessing
        self._lane = lane
        self._peers: dict[str, Peer] = {}
        self._by_connection: dict[str, Peer] = {}
        self.handlers = Handlers(service, delivery, Rooms(sio), gate.newcomer)
        service.connections = self._peers.keys
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        for event in self.handlers.table:
            sio.on(event, self._receiver(event))
        sio.on("*", self._unknown)
        kinds = {event: handler.request for event, handler in self.handlers.table.items()}
        self._decode = EventDecoder(kinds)
        if lane is not None:
            lane.take = self._take

    async def _connect(
        self, sid: str, environ: object = None, auth: object = None, *_: object
    ) -> None:
        if sid in self._peers or environ is None:
            return  # not a connect, but an event that a client named so
        # Nothing here may wait: the library forgets a connection that ends in the meantime. And
        # any other exception than the one of a refusal would leak it, and answer nothing.
        try:
            self._peers[sid] = self._greet(sid, environ, auth)
        except QuizError as error:
            raise Refused(error.code.value) from None
        except Exception:
            log.exception("A connect failed")
            raise Refused(Code.UNAVAILABLE.value) from None

    def _greet(self, sid: str, environ: Any, auth: object) -> Peer:
        handshake = decode(auth if auth is not None else {}, Handshake)
        peer = Peer(
            sid,
            self._gate.behind(environ),
            handshake.token,
            handshake.resume_token,
            handshake.question_types,
        )
        self._by_connection[peer.connection.sid] = peer
        # Sent from a task: whatever is sent here would overtake the connect packet.
        greeting = self._delivery.to_socket(sid, events.CONNECTED, Connected(socket_id=sid))
        self._service.tasks.spawn(greeting, f"greet-{sid}")
        return peer

    async def _disconnect(self, sid: str, *_: object) -> None:
        if self._sio.manager.is_connected(sid, "/"):
            return  # not a disconnect, but an event that a client named so
        if (peer := self._peers.pop(sid, None)) is not None:
            self._by_connection.pop(peer.connection.sid, None)
            self._gate.settle(peer.connection, joined=False, instructor=False)
            # From a task: who is replaced by another's join may be in the middle of one itself. And
            # if it failed here, as it does while MongoDB is away, the library would keep the
            # connection in its rooms for ever.
            self._service.tasks.spawn(self._lost(peer), f"lost-{sid}")

    async def _lost(self, peer: Peer) -> None:
        async with peer.turn:
            await self.handlers.gone(peer, left=False)

    def _take(self, connection_sid: str, data: str) -> bool:
        """Begin to handle a packet if it is an event without fault; return whether it is."""
        peer = self._by_connection.get(connection_sid)
        found = _EVENT.match(data)
        if peer is None or found is None or too_fast():
            return False
        decoded = self._decode(data[found.end() :])
        if decoded is None:
            return False
        event, request = decoded
        self._service.tasks.spawn(self._serve(peer, event, request, found[1]), event)
        return True

    async def _serve(self, peer: Peer, event: str, request: Request, number: str) -> None:
        """Handle an event, and ack it if it has a number."""
        answer = await self._answered(peer.sid, event, self._perform(peer, event, request))
        if number and self._lane is not None:
            packet = b"%b%b%b" % (ACK, number.encode(), encode_ack(answer))
            self._lane.send(peer.connection.sid, text_frame(packet))

    def _receiver(self, event: str) -> Callable[..., Awaitable[Json]]:
        """Return what the library calls: it always acks, and nothing escapes from it."""

        async def receive(sid: str, *arguments: object) -> Json:
            if too_fast():
                return nack(TOO_FAST, event)  # and no event, which would double the flood
            answer = await self._answered(sid, event, self._handle(sid, event, arguments))
            return answer if isinstance(answer, dict) else ack(answer)

        return receive

    async def _answered(
        self, sid: str, event: str, work: Awaitable[Message | None]
    ) -> Message | Json | None:
        """Return what an event is acked with, if need be that it failed."""
        try:
            return await work
        except QuizError as error:
            return await self._refuse(sid, event, error)
        except Exception:
            log.exception("The event %s failed", event)
            message = "Something went wrong on the server. Please try again."
            return await self._refuse(sid, event, QuizError(Code.UNAVAILABLE, message))

    async def _unknown(self, *heard: Any) -> Json:
        # For an event named `*` the library leaves out its name, as for any other that is known.
        named_so = len(heard) < 2 or heard[0] in self._peers
        event, sid, *arguments = ("*", *heard) if named_so else heard
        name = printable(event[:QUOTED])
        if too_fast():
            return nack(TOO_FAST, name)
        error = refusal(tuple(arguments)) or QuizError(
            Code.BAD_REQUEST, f"`{name}` is not an event that this server knows."
        )
        return await self._refuse(sid, name, error)

    async def _refuse(self, sid: str, event: str, error: QuizError) -> Json:
        await self._delivery.to_socket(sid, events.ERROR, error_message(error, event))
        return nack(error, event)

    async def _handle(self, sid: str, event: str, arguments: tuple[object, ...]) -> Message | None:
        peer = self._peers.get(sid)
        if peer is None:
            raise ended()
        if (too_large := refusal(arguments)) is not None:
            raise too_large
        if len(arguments) > 1:
            raise QuizError(Code.BAD_REQUEST, "An event carries one object.")
        raw: Any = arguments[0] if arguments else {}
        return await self._perform(peer, event, decode(raw, self.handlers.table[event].request))

    async def _perform(self, peer: Peer, event: str, request: Request) -> Message | None:
        work = self.handlers.table[event].call(peer, request)
        if event in REMARKABLE:
            work = self._watched(peer, event, request, work)
        try:
            answer = await work
        finally:
            if peer.sid not in self._peers:  # it ended meanwhile, perhaps before it was somebody
                await self.handlers.gone(peer, left=False)
        instructor = peer.instructor is not None
        self._gate.settle(peer.connection, joined=peer.joined, instructor=instructor)
        return answer

    async def _watched(
        self, peer: Peer, event: str, request: Request, work: Coroutine[Any, Any, Message | None]
    ) -> Message | None:
        """Do what is judged, or audited."""
        with contextlib.closing(work):  # it may not even begin
            async with self._guessing.watched(peer, event, request):
                with audited(self._service.audit, partial(of_event, event, peer, request)):
                    return await work
