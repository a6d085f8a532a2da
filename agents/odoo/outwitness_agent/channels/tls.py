"""`tls`: a connection that user code seals, what was agreed on, and the bytes on top of it."""

from __future__ import annotations

import hashlib
from typing import Any

from ..recorder import Connection, Recorder
from ..when_imported import WhenImported
from .sockets import Sockets


class Tls:
    def __init__(self, recorder: Recorder, sockets: Sockets, when_imported: WhenImported) -> None:
        self.recorder = recorder
        self.sockets = sockets
        self._watched: set[Any] = set()
        when_imported('ssl', lambda module: self._watch(module.SSLSocket, 'ssl'))
        when_imported('gevent._ssl3', lambda module: self._watch(module.SSLSocket, 'gevent.ssl'))
        when_imported('asyncio.sslproto', self._watch_protocol)

    def _watch(self, cls: Any, label: str) -> None:
        if cls in self._watched:
            return
        self._watched.add(cls)
        around = self.recorder.guards.around

        def put(name: str, before: Any, after: Any) -> None:
            setattr(cls, name, around('%s.%s' % (label, name), getattr(cls, name), before, after))

        put('do_handshake', self._sealing, self._agreed)
        put('send', self._sending, self.sockets._sent)
        put('write', self._sending, self.sockets._sent)
        put('read', self._reading, self._read)

    def _watch_protocol(self, module: Any) -> None:
        """asyncio seals in memory: what is sent is cipher text, and is counted as that."""
        cls = module.SSLProtocol

        def made(protocol: Any, transport: Any) -> None:
            sock = transport.get_extra_info('socket')
            connection = self.recorder.connections.get(sock.fileno()) if sock is not None else None
            if connection is not None:
                connection.sealed = True
                self._begin(connection, getattr(protocol, '_server_hostname', None))

        cls.connection_made = self.recorder.guards.around('asyncio.sslproto', cls.connection_made, made)

    def _sealing(self, sock: Any, *rest: Any) -> Any:
        connection = self.recorder.connections.get(sock.fileno())
        if connection is not None and not connection.tls:
            self._begin(connection, sock.server_hostname)
        return sock

    def _begin(self, connection: Connection, name: Any) -> None:
        """A raw connection becomes a `tls` call, all bytes of it included; one of a known call stays that call's."""
        recorder = self.recorder
        if not connection.raw or connection.session is not None or connection.call is not None:
            return
        if recorder.scope.call.get() is not None or not recorder.live('tls'):
            return
        host = recorder.redaction.host(str(name)) if name else connection.place.get('host')
        fields = {'channel': 'tls', 'host': host, 'port': connection.place.get('port')}
        call = recorder.begin(fields, connection.origin)
        call.basis = 'transport'
        call.started = connection.started
        recorder.open(call, connection)
        connection.raw = False
        connection.session = call

    def _agreed(self, sock: Any, result: Any, error: BaseException | None) -> None:
        connection = self.recorder.connections.get(sock.fileno())
        if connection is None:
            return
        if error is not None:
            if connection.session is not None and connection.session.fields.get('channel') == 'tls':
                self.recorder.fail(connection.session, error)
            return
        tls = {'tls': sock.version(), 'alpn': sock.selected_alpn_protocol()}
        if sock.server_hostname:
            tls['sni'] = self.recorder.redaction.host(sock.server_hostname)
        certificate = sock.getpeercert(True)
        if certificate:
            tls['certSha256'] = hashlib.sha256(certificate).hexdigest()
        connection.tls = {name: value for name, value in tls.items() if value}

    def _sending(self, sock: Any, *rest: Any) -> Any:
        return self.sockets._sending(sock) if sock._sslobj is not None else None

    def _reading(self, sock: Any, *rest: Any, **named: Any) -> Any:
        connection = self.recorder.connections.get(sock.fileno()) if sock._sslobj is not None else None
        return None if connection is None else (connection, len(rest) > 1 and rest[1] is not None)

    def _read(self, state: Any, result: Any, error: BaseException | None) -> None:
        connection, into_buffer = state
        if error is None and result:
            self.sockets.came(connection, result if isinstance(result, int) else len(result))
