"""Dispatches Socket.IO events to handlers, sends acks and errors, and tracks connections."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from livequiz.domain.client_types import way_of
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
from livequiz.protocol.error_sentences import QUOTED
from livequiz.protocol.message import Message
from livequiz.protocol.messages import Connected
from livequiz.protocol.requests import Handshake, Request
from livequiz.protocol.websocket import text_frame
from livequiz.server.quiz.audit_log import audited
from livequiz.server.quiz.service import QuizService
from livequiz.server.socketio.audit_events import REMARKABLE, of_event
from livequiz.server.socketio.brute_force import BruteForceGuard
from livequiz.server.socketio.emitter import Emitter
from livequiz.server.socketio.handlers import Handlers
from livequiz.server.socketio.rooms import Rooms, ended
from livequiz.server.socketio.session import ConnectionSession
from livequiz.server.transport.connections import ConnectionRegistry, too_fast
from livequiz.server.transport.fast_sockets import ACK, FastSockets
from livequiz.server.transport.packets import oversize_error

log = logging.getLogger(__name__)

# A Socket.IO event packet in the default namespace, with its ack id if it has one.
_EVENT = re.compile(r"2([0-9]{0,9})(?=\[)")

TOO_FAST = QuizError(
    Code.RATE_LIMITED, "You are sending too much at once. Please wait a moment and try again."
)


class SocketEvents:
    """Binds the handlers to a Socket.IO server.

    Args:
        sio: The Socket.IO server.
        service: The use cases.
        emitter: Sends named events.
        registry: Provides the connection behind each socket.
        brute_force: Limits guesses of meeting codes and tokens in joins.
        sessions: The connected sessions by socket id; filled here.
        sockets: The connections of the fast path, if it is on.
    """

    def __init__(
        self,
        sio: socketio.AsyncServer,
        service: QuizService,
        emitter: Emitter,
        registry: ConnectionRegistry,
        brute_force: BruteForceGuard,
        *,
        sessions: dict[str, ConnectionSession],
        sockets: FastSockets | None = None,
    ) -> None:
        self._sio = sio
        self._service = service
        self._emitter = emitter
        self._registry = registry
        self._brute_force = brute_force
        self._sockets = sockets
        self._sessions = sessions
        self._by_connection: dict[str, ConnectionSession] = {}
        self.handlers = Handlers(service, emitter, Rooms(sio), registry.may_use_new_id)
        sio.on("connect", self._connect)
        sio.on("disconnect", self._disconnect)
        for event in self.handlers.table:
            sio.on(event, self._receiver(event))
        sio.on("*", self._unknown)
        kinds = {event: handler.request for event, handler in self.handlers.table.items()}
        self._decode = EventDecoder(kinds)

    async def _connect(
        self, sid: str, environ: object = None, auth: object = None, *_: object
    ) -> None:
        if sid in self._sessions or environ is None:
            return  # not a connect, but an event that a client named "connect"
        # Never await here: the library would forget a connection that closes meanwhile. And any
        # exception other than a refusal would leak the connection and send no reply.
        try:
            self._sessions[sid] = self._greet(sid, environ, auth)
        except QuizError as error:
            raise Refused(error.code.value) from None
        except Exception:
            log.exception("A connect failed")
            raise Refused(Code.UNAVAILABLE.value) from None

    def _greet(self, sid: str, environ: Any, auth: object) -> ConnectionSession:
        handshake = decode(auth if auth is not None else {}, Handshake)
        session = ConnectionSession(
            sid,
            self._registry.connection_for(environ),
            handshake.token,
            handshake.resume_token,
            handshake.question_types,
            way_of(handshake.client),
        )
        self._by_connection[session.connection.sid] = session
        # Sent from a task: sent directly, it would overtake the connect packet.
        greeting = self._emitter.to_socket(sid, events.CONNECTED, Connected(socket_id=sid))
        self._service.tasks.spawn(greeting, f"greet-{sid}")
        return session

    async def _disconnect(self, sid: str, *_: object) -> None:
        if self._sio.manager.is_connected(sid, "/"):
            return  # not a disconnect, but an event that a client named "disconnect"
        if (session := self._sessions.pop(sid, None)) is not None:
            self._by_connection.pop(session.connection.sid, None)
            self._registry.settle(session.connection, joined=False, instructor=False)
            # In a task: a connection that another's join replaces may itself be in the middle of a
            # join, holding its lock. And if this failed here, as it does while MongoDB is
            # unavailable, the library would never remove the connection from its rooms.
            self._service.tasks.spawn(self._lost(session), f"lost-{sid}")

    async def _lost(self, session: ConnectionSession) -> None:
        async with session.turn:
            await self.handlers.unbind(session, left=False)

    def take(self, connection_sid: str, data: str) -> bool:
        """Start handling a packet if it is a valid event; return whether it is."""
        session = self._by_connection.get(connection_sid)
        found = _EVENT.match(data)
        if session is None or found is None or too_fast():
            return False
        decoded = self._decode(data[found.end() :])
        if decoded is None:
            return False
        event, request = decoded
        self._service.tasks.spawn(self._serve(session, event, request, found[1]), event)
        return True

    async def _serve(
        self, session: ConnectionSession, event: str, request: Request, number: str
    ) -> None:
        """Handle an event, and send its ack if it has an ack id."""
        answer = await self._answered(session.sid, event, self._perform(session, event, request))
        if number and self._sockets is not None:
            packet = b"%b%b%b" % (ACK, number.encode(), encode_ack(answer))
            self._sockets.send(session.connection.sid, text_frame(packet))

    def _receiver(self, event: str) -> Callable[..., Awaitable[Json]]:
        """Return the callback for the library: it always acks, and never raises."""

        async def receive(sid: str, *arguments: object) -> Json:
            if too_fast():
                return nack(TOO_FAST, event)  # without an error event, which would double the flood
            answer = await self._answered(sid, event, self._handle(sid, event, arguments))
            return answer if isinstance(answer, dict) else ack(answer)

        return receive

    async def _answered(
        self, sid: str, event: str, work: Awaitable[Message | None]
    ) -> Message | Json | None:
        """Return an event's ack, or a negative ack if it failed."""
        try:
            return await work
        except QuizError as error:
            return await self._refuse(sid, event, error)
        except Exception:
            log.exception("The event %s failed", event)
            message = "Something went wrong on the server. Please try again."
            return await self._refuse(sid, event, QuizError(Code.UNAVAILABLE, message))

    async def _unknown(self, *heard: Any) -> Json:
        # The library omits the name of an event called `*`, as of any event with a handler.
        named_so = len(heard) < 2 or heard[0] in self._sessions
        event, sid, *arguments = ("*", *heard) if named_so else heard
        name = printable(event[:QUOTED])
        if too_fast():
            return nack(TOO_FAST, name)
        error = oversize_error(tuple(arguments)) or QuizError(
            Code.BAD_REQUEST, f"Unknown event `{name}`."
        )
        return await self._refuse(sid, name, error)

    async def _refuse(self, sid: str, event: str, error: QuizError) -> Json:
        await self._emitter.to_socket(sid, events.ERROR, error_message(error, event))
        return nack(error, event)

    async def _handle(self, sid: str, event: str, arguments: tuple[object, ...]) -> Message | None:
        session = self._sessions.get(sid)
        if session is None:
            raise ended()
        if (too_large := oversize_error(arguments)) is not None:
            raise too_large
        if len(arguments) > 1:
            raise QuizError(Code.BAD_REQUEST, "An event needs exactly one object.")
        raw: Any = arguments[0] if arguments else {}
        return await self._perform(session, event, decode(raw, self.handlers.table[event].request))

    async def _perform(
        self, session: ConnectionSession, event: str, request: Request
    ) -> Message | None:
        if not self._registry.charge(session.connection, event):
            raise TOO_FAST
        work = self.handlers.table[event].call(session, request)
        if event in REMARKABLE:
            work = self._watched(session, event, request, work)
        try:
            answer = await work
        finally:
            if session.sid not in self._sessions:  # closed meanwhile, maybe before it had joined
                await self.handlers.unbind(session, left=False)
        instructor = session.instructor is not None
        self._registry.settle(session.connection, joined=session.joined, instructor=instructor)
        return answer

    async def _watched(
        self,
        session: ConnectionSession,
        event: str,
        request: Request,
        work: Coroutine[Any, Any, Message | None],
    ) -> Message | None:
        """Run the work of an event with brute-force protection and auditing."""
        with contextlib.closing(work):  # it may never be awaited
            async with self._brute_force.watched(session, event, request):
                with audited(self._service.audit, partial(of_event, event, session, request)):
                    return await work
