"""`tls`: what was agreed on, and the bytes on top of it."""

from __future__ import annotations

import hashlib
from typing import Any

from ..recorder import Recorder
from ..when_imported import WhenImported
from .sockets import Sockets


class Tls:
    def __init__(self, recorder: Recorder, sockets: Sockets, when_imported: WhenImported) -> None:
        self.recorder = recorder
        self.sockets = sockets
        when_imported('ssl', self._watch)

    def _watch(self, module: Any) -> None:
        cls = module.SSLSocket
        around = self.recorder.guards.around

        def put(name: str, before: Any, after: Any) -> None:
            setattr(cls, name, around('ssl.' + name, getattr(cls, name), before, after))

        put('do_handshake', lambda sock, *rest: sock, self._agreed)
        put('send', self._sending, self.sockets._sent)
        put('write', self._sending, self.sockets._sent)
        put('read', self._reading, self._read)

    def _agreed(self, sock: Any, result: Any, error: BaseException | None) -> None:
        connection = self.recorder.connections.get(sock.fileno())
        if connection is None:
            return
        if error is not None:
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
