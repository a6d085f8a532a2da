"""`tcp`, `unix`, `udp`: the truth that a destination was contacted, and the bytes of it.

The audit event `socket.connect` writes the record before the first packet; the methods of the socket class count bytes and tell the end.
"""

from __future__ import annotations

import socket
from typing import Any

from ..outcome import outcome_of
from ..recorder import Call, Connection, Recorder
from .audit import AuditEvents

_MOST_IGNORED = 100000
_MOST_FLOWS = 1024


class Sockets:
    def __init__(self, recorder: Recorder, events: AuditEvents) -> None:
        self.recorder = recorder
        #: Descriptors that are no way out: accepted ones and pairs within the process.
        self.ignored: set[int] = set()
        #: Datagrams: (descriptor, address, port) → connection.
        self.flows: dict[Any, Connection] = {}
        #: Descriptors on which a `connect` runs right now, and the connection it is about.
        self._attempts: dict[int, Connection | None] = {}
        events.on('socket.connect', self._connecting)
        events.on('socket.sendto', self._sending_to)
        events.on('socket.sendmsg', self._sending_message)
        self._watched: set[Any] = set()
        self.watch_class(socket.socket, 'gevent' if _is_of_gevent(socket.socket) else 'socket')

    def after_fork(self) -> None:
        self.flows.clear()
        self._attempts.clear()

    # The truth

    def _connecting(self, sock: Any, address: Any) -> None:
        fd = sock.fileno()
        attempted = self._attempts.get(fd)
        if attempted is not None and attempted is self.recorder.connections.get(fd):
            return  # gevent asks the kernel a second time whether it is connected by now
        self.ignored.discard(fd)
        if sock.type & 0xF == int(socket.SOCK_DGRAM):
            self._flow(sock, fd, address)
            return
        described = self._described(sock.family, address)
        if described is None:
            return
        channel, fields = described
        recorder = self.recorder
        if not recorder.enabled:
            return
        info = recorder.scope.connecting.get()
        if info is not None:
            if channel == 'tcp':
                fields['host'] = recorder.redaction.host(info['host']) or fields.get('host')
            earlier: Connection | None = info.get('connection')
            if earlier is not None:  # the next address of the same connection
                earlier.fd = fd
                earlier.failed = None
                recorder.connections[fd] = earlier
                return
        connection = recorder.connect(fd, channel, fields, 'raw' if info is None else info.get('by', 'raw'), recorder.live(channel))
        if info is not None:
            info['connection'] = connection
        if fd in self._attempts:
            self._attempts[fd] = connection

    def _described(self, family: int, address: Any) -> Any:
        redaction = self.recorder.redaction
        if family in (socket.AF_INET, socket.AF_INET6):
            host, port = str(address[0]), int(address[1])
            return 'tcp', {'host': redaction.host(host), 'port': port, 'peerAddress': host, 'peerPort': port}
        if family == getattr(socket, 'AF_UNIX', None):
            path = address.decode('utf-8', 'replace') if isinstance(address, (bytes, bytearray)) else str(address)
            return 'unix', {'path': redaction.local_path(path)}
        return None

    # Datagrams

    def _sending_to(self, sock: Any, address: Any) -> None:
        if sock.type & 0xF == int(socket.SOCK_DGRAM):
            self._flow(sock, sock.fileno(), address)

    def _sending_message(self, sock: Any, address: Any) -> None:
        if address is not None:
            self._sending_to(sock, address)

    def _flow(self, sock: Any, fd: int, address: Any) -> Any:
        """One row per socket and destination. Written before the first datagram."""
        if sock.family not in (socket.AF_INET, socket.AF_INET6) or not self.recorder.live('udp'):
            return None
        host, port = str(address[0]), int(address[1])
        key = (fd, host, port)
        connection = self.flows.get(key)
        if connection is None:
            if len(self.flows) >= _MOST_FLOWS:
                self._end_flow(next(iter(self.flows)))
            recorder = self.recorder
            connection = Connection(fd, 'udp')
            connection.number = next(recorder._conns)
            fields = {'host': recorder.redaction.host(host), 'port': port}
            recorder.begin_datagrams(connection, fields)
            self.flows[key] = connection
        return connection

    def _end_flow(self, key: Any) -> None:
        connection = self.flows.pop(key)
        self.recorder.close(connection)

    def _peer_flow(self, sock: Any) -> Any:
        try:
            return self.flows.get((sock.fileno(), *sock.getpeername()[:2]))
        except OSError:
            return None

    # Bytes and ends

    def watch_class(self, cls: Any, label: str) -> None:
        """Counts on a class with the methods of `socket.socket`, once."""
        if cls in self._watched:
            return
        self._watched.add(cls)
        around = self.recorder.guards.around

        def put(name: str, before: Any, after: Any) -> None:
            original = getattr(cls, name, None)
            if original is not None:
                setattr(cls, name, around('%s.%s' % (label, name), original, before, after))

        put('connect', self._remember, self._connected)
        put('connect_ex', self._remember, self._connected)
        put('getsockopt', self._asking_error, self._asked_error)
        put('send', self._sending, self._sent)
        if not _is_of_gevent(cls):  # whose sendall sends by send
            put('sendall', self._sending_all, self._sent_all)
        put('sendto', self._sending_datagram, self._sent)
        put('sendmsg', self._sending, self._sent)
        put('_sendfile_use_sendfile', self._sending, self._sent)
        put('recv', self._receiving, self._received_bytes)
        put('recv_into', self._receiving, self._received_count)
        put('recvfrom', self._receiving_from, self._received_from)
        put('recvfrom_into', self._receiving_from, self._received_from)
        put('recvmsg', self._receiving, self._received_message)
        put('accept', lambda sock, *rest: sock, self._accepted)
        for name in ('_real_close', '_drop_events_and_close'):
            put(name, self._closing, None)

    def _remember(self, sock: Any, address: Any) -> Any:
        self._attempts[sock.fileno()] = None
        return sock

    def _connected(self, sock: Any, result: Any, error: BaseException | None) -> None:
        self._attempts.pop(sock.fileno(), None)
        connection = self.recorder.connections.get(sock.fileno())
        if connection is None:
            return
        if error is not None and not isinstance(error, BlockingIOError):
            connection.failed = outcome_of(error, False)
        elif isinstance(result, int) and result not in (0, 115, 36, 11):
            connection.failed = outcome_of(OSError(result, ''), False)

    def _asking_error(self, sock: Any, level: int = -1, option: int = -1, *rest: Any) -> Any:
        return sock if level == socket.SOL_SOCKET and option == socket.SO_ERROR else None

    def _asked_error(self, sock: Any, result: Any, error: BaseException | None) -> None:
        """How an event loop learns that a connection failed."""
        connection = self.recorder.connections.get(sock.fileno())
        if connection is not None and isinstance(result, int) and result != 0:
            connection.failed = outcome_of(OSError(result, ''), False)

    def of(self, sock: Any) -> Any:
        """The connection of a socket; one that is older than the watcher or was inherited begins here."""
        fd = sock.fileno()
        connection = self.recorder.connections.get(fd)
        if connection is not None or fd < 0 or fd in self.ignored:
            return connection
        if sock.type & 0xF == int(socket.SOCK_DGRAM):
            return self._peer_flow(sock)
        try:
            address = sock.getpeername()
        except OSError:
            return None
        described = self._described(sock.family, address)
        if described is None or address in ('', b''):
            self._ignore(fd)
            return None
        channel, fields = described
        return self.recorder.connect(fd, channel, fields, told=self.recorder.live(channel)) if self.recorder.enabled else None

    def _ignore(self, fd: int) -> None:
        if len(self.ignored) < _MOST_IGNORED:
            self.ignored.add(fd)
        before = self.recorder.connections.get(fd)
        if before is not None:
            self.recorder.close(before)

    def _sending(self, sock: Any, *rest: Any) -> Any:
        connection = self.recorder.connections.get(sock.fileno()) or self.of(sock)
        if connection is not None:
            call = self.recorder.scope.call.get()
            if call is not None and call.connection is not connection:
                self.use(connection, call)
        return connection

    def use(self, connection: Connection, call: Call) -> None:
        """Bytes are about to leave on it by a call that has not used it yet."""
        recorder = self.recorder
        if call.done or connection.session is not None or connection.channel == 'udp':
            return
        if not call.opened:
            recorder.open(call, connection)
        else:
            recorder.claim(call, connection)

    def _sent(self, connection: Connection, result: Any, error: BaseException | None) -> None:
        if error is None and isinstance(result, int):
            connection.out += result

    def _sending_all(self, sock: Any, data: Any, *rest: Any) -> Any:
        connection = self._sending(sock)
        if connection is None:
            return None
        return connection, len(data) if type(data) is bytes else memoryview(data).nbytes

    def _sent_all(self, state: Any, result: Any, error: BaseException | None) -> None:
        if error is None:
            state[0].out += state[1]

    def _sending_datagram(self, sock: Any, data: Any, *rest: Any) -> Any:
        return self._flow(sock, sock.fileno(), rest[-1]) if sock.type & 0xF == int(socket.SOCK_DGRAM) else None

    def _receiving(self, sock: Any, *rest: Any, **named: Any) -> Any:
        if rest[1:] and rest[-1] == socket.MSG_PEEK:
            return None
        return self.recorder.connections.get(sock.fileno()) or (
            self._peer_flow(sock) if self.flows and sock.type & 0xF == int(socket.SOCK_DGRAM) else None
        )

    def _received_bytes(self, connection: Connection, result: Any, error: BaseException | None) -> None:
        if error is None:
            self.came(connection, len(result))

    def _received_count(self, connection: Connection, result: Any, error: BaseException | None) -> None:
        if error is None:
            self.came(connection, result)

    def _received_message(self, connection: Connection, result: Any, error: BaseException | None) -> None:
        if error is None:
            self.came(connection, len(result[0]))

    def came(self, connection: Connection, count: int) -> None:
        connection.into += count
        call = connection.call
        if call is not None and call.ttfb is None and count > 0:
            self.recorder.first_byte(call)

    def _receiving_from(self, sock: Any, *rest: Any, **named: Any) -> Any:
        return sock.fileno() if self.flows else None

    def _received_from(self, fd: int, result: Any, error: BaseException | None) -> None:
        if error is not None or not result[1]:
            return
        connection = self.flows.get((fd, *result[1][:2]))
        if connection is not None:
            connection.into += result[0] if isinstance(result[0], int) else len(result[0])

    def _accepted(self, sock: Any, result: Any, error: BaseException | None) -> None:
        if error is None:
            self._ignore(result[0].fileno())

    def _closing(self, sock: Any, *rest: Any, closefd: bool = True, **named: Any) -> None:
        if not closefd:  # gevent detaches: the descriptor lives on under another object
            return
        fd = sock.fileno()
        self.ignored.discard(fd)
        connection = self.recorder.connections.get(fd)
        if connection is not None:
            info = self.recorder.scope.connecting.get()
            if info is not None and info.get('connection') is connection:
                return  # another address may follow
            self.recorder.close(connection)
        for key in [key for key in self.flows if key[0] == fd] if self.flows else ():
            self._end_flow(key)


def _is_of_gevent(cls: Any) -> bool:
    return str(cls.__module__).startswith('gevent.')
