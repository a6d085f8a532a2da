"""Calls and connections of this process, and what is written of them (docs/formats/spool.md, "The life of an outbound call")."""

from __future__ import annotations

import contextvars
import time
from itertools import count
from typing import Any

from .attribution import PKG
from .guard import Guards
from .outcome import outcome_of
from .spool import Writer, now

_mono = time.monotonic_ns


class Call:
    """One call: one row."""

    __slots__ = ('number', 'started', 'connection', 'out', 'into', 'basis', 'done', 'fields', 'opened', 'sent', 'ttfb', 'origin', 'asked')

    def __init__(self, fields: dict[str, Any], origin: dict[str, Any]) -> None:
        self.number = 0
        self.started = _mono()
        self.connection: Connection | None = None
        self.out = self.into = 0
        self.basis: str | None = None
        #: `sent`: a request has left as this call; the next one of the same caller is another.
        self.done = self.opened = self.sent = False
        self.fields = fields
        self.origin = origin
        self.ttfb: int | None = None
        #: Method and target that `fields` describe already.
        self.asked: tuple[str, str] | None = None


class Connection:
    """One connected socket, known by its descriptor. `out` and `into` count bytes, on top of TLS where Python does the TLS."""

    __slots__ = ('number', 'fd', 'out', 'into', 'call', 'raw', 'tls', 'started', 'sealed', 'channel', 'failed', 'session', 'origin', 'place', 'used', 'told')

    def __init__(self, fd: int, channel: str) -> None:
        self.number = 0
        self.fd = fd
        self.out = self.into = 0
        self.call: Call | None = None
        self.raw = True
        self.tls: dict[str, Any] = {}
        self.started = _mono()
        #: Bytes on the socket are cipher text: TLS is done above it, by `ssl.MemoryBIO`.
        self.sealed = False
        self.channel = channel
        self.failed: dict[str, str] | None = None
        #: Who made it and where to, of a raw one that may yet be sealed.
        self.origin: dict[str, Any] | None = None
        self.place: dict[str, Any] = {}
        self.used = False
        #: False: the channel is disabled, and only calls on top of it are records.
        self.told = True
        #: A mail session ends with its connection.
        self.session: Call | None = None


class Scope:
    """What surrounds the code that runs right now, in this thread, task or greenlet."""

    def __init__(self) -> None:
        self.call: contextvars.ContextVar[Call | None] = contextvars.ContextVar('outwitness_call', default=None)
        #: A look-up in here belongs to a connection that is being made.
        self.connecting: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar(
            'outwitness_connecting', default=None
        )


class Recorder:
    """Turns what the channels see into records. Every method is called from inside a guard."""

    def __init__(self, writer: Writer, guards: Guards, attributor: Any, redaction: Any) -> None:
        self.writer = writer
        self.guards = guards
        self.redaction = redaction
        self.scope = Scope()
        self._capture = guards.guarded('port.attributor', attributor.capture)
        self.enabled = True
        self.disabled: frozenset[str] = frozenset()
        self.connections: dict[int, Connection] = {}
        self._numbers()

    def _numbers(self) -> None:
        self._calls = count(1)
        self._conns = count(1)

    def after_fork(self) -> None:
        self.connections.clear()
        self._numbers()

    def live(self, channel: str) -> bool:
        return self.enabled and channel not in self.disabled

    def capture(self) -> dict[str, Any]:
        """Who is calling right now. A host's Attributor that fails costs the name, not the row."""
        return self._capture() or {'basis': 'none'}

    # Calls

    def begin(self, fields: dict[str, Any], origin: dict[str, Any] | None = None) -> Call:
        """A call that is about to be made. Nothing is written before `open`."""
        return Call(fields, origin if origin is not None else self.capture())

    def open(self, call: Call, connection: Connection | None = None) -> None:
        """Outbound: on return it is on disk. `connection` is one used again."""
        if call.opened:
            return
        call.opened = True
        call.number = next(self._calls)
        record: dict[str, Any] = {'kind': 'open', 'time': now(), 'call': call.number, 'direction': 'out'}
        record.update(call.fields)
        self._attribute(record, call.origin)
        if connection is not None:
            self._bind(call, connection)
            if connection.told:
                record['conn'] = connection.number
        if record['direction'] == 'out':
            self.writer.intent(record)
        else:
            self.writer.record(record)

    def _bind(self, call: Call, connection: Connection) -> None:
        call.connection = connection
        # What came before the first call of a connection (a proxy's CONNECT) is that call's.
        call.out, call.into = (connection.out, connection.into) if connection.used else (0, 0)
        connection.call = call
        connection.used = True

    def claim(self, call: Call, connection: Connection) -> None:
        """The call turns out to use a connection that was there."""
        self._bind(call, connection)
        if connection.told:
            self.writer.intent({'kind': 'claim', 'time': now(), 'call': call.number, 'conn': connection.number})

    def end(self, call: Call, fields: dict[str, Any]) -> None:
        """Once; what comes later is ignored."""
        if call.done or not call.opened:
            return
        call.done = True
        record: dict[str, Any] = {'kind': 'done', 'time': now(), 'call': call.number}
        record['durationUs'] = (_mono() - call.started) // 1000
        if call.ttfb is not None:
            record['ttfbUs'] = call.ttfb
        connection = call.connection
        if connection is not None:
            if call.basis is not None:
                record['bytesOut'] = connection.out - call.out
                record['bytesIn'] = connection.into - call.into
                record['bytesBasis'] = 'transport' if connection.sealed else call.basis
            record.update(connection.tls)
            if connection.call is call:
                connection.call = None
        record.update(fields)
        record.setdefault('outcome', 'ok')
        self.writer.record(record)

    def fail(self, call: Call, error: BaseException) -> None:
        self.end(call, outcome_of(error, call.connection is not None and call.connection.failed is None))

    def first_byte(self, call: Call) -> None:
        if call.ttfb is None:
            call.ttfb = (_mono() - call.started) // 1000

    # What the watcher says of itself

    def gap(self, event: str, text: str, count: int) -> None:
        self.writer.record({'kind': 'gap', 'time': now(), 'event': event, 'text': text, 'missing': 0, 'count': count})

    def tell_faults(self) -> None:
        """A row for each guard that caught something since the last time."""
        for name, kind, count in self.guards.take():
            self.gap('fault', 'guard %s caught %s' % (name, kind), count)

    # Connections

    def connect(self, fd: int, channel: str, fields: dict[str, Any], by: str = 'raw', told: bool = True) -> Connection:
        """A connection that is about to be attempted: on disk before the first packet. `by`: who makes it, if no call is known. `told`: false where its channel is disabled, and only what is on top of it may be a row."""
        before = self.connections.get(fd)
        if before is not None:
            self.close(before)
        connection = Connection(fd, channel)
        connection.told = told
        if told:
            connection.number = next(self._conns)
        self.connections[fd] = connection
        call = self.scope.call.get()
        record: dict[str, Any] = {
            'kind': 'conn', 'time': now(), 'conn': connection.number, 'direction': 'out', 'channel': channel,
        }  # fmt: skip
        record.update(fields)
        if call is not None and not call.done:
            self.open(call)
            connection.raw = False
            record['for'] = call.number
            self._bind(call, connection)
        else:
            record['by'] = by
            connection.raw = by == 'raw'
            connection.origin, connection.place = self.capture(), fields
            if told:
                self._attribute(record, connection.origin)
        if told:
            self.writer.intent(record)
        return connection

    def begin_datagrams(self, connection: Connection, fields: dict[str, Any]) -> None:
        """The first datagram to a destination is about to leave."""
        record: dict[str, Any] = {
            'kind': 'conn', 'time': now(), 'conn': connection.number, 'direction': 'out', 'channel': 'udp', 'by': 'raw',
        }  # fmt: skip
        record.update(fields)
        self._attribute(record, self.capture())
        self.writer.intent(record)

    def close(self, connection: Connection, fields: dict[str, Any] | None = None) -> None:
        """The descriptor is closed, or belongs to another connection by now."""
        if self.connections.get(connection.fd) is connection:
            del self.connections[connection.fd]
        session = connection.session or connection.call
        if session is not None and not session.done:
            self.end(session, fields or connection.failed or ({} if connection.session else {'outcome': 'aborted'}))
        if not connection.told:
            return
        record: dict[str, Any] = {
            'kind': 'done', 'time': now(), 'conn': connection.number,
            'durationUs': (_mono() - connection.started) // 1000,
            'bytesOut': connection.out, 'bytesIn': connection.into,
            'bytesBasis': 'datagram' if connection.channel == 'udp' else 'transport',
        }  # fmt: skip
        record.update(connection.tls)
        record.update(fields or connection.failed or {})
        record.setdefault('outcome', 'ok')
        self.writer.record(record)

    def _attribute(self, record: dict[str, Any], origin: dict[str, Any]) -> None:
        owner = origin.get(PKG)
        if owner is not None:
            key = (owner.name, owner.version)
            if key not in self.writer.packages:
                self.writer.packages.add(key)
                self.writer.record(
                    {
                        'kind': 'pkg', 'time': now(), 'package': owner.name, 'packageVersion': owner.version,
                        'packageAuthor': owner.author, 'manifest': owner.manifest,
                    }  # fmt: skip
                )
        record.update(origin)
