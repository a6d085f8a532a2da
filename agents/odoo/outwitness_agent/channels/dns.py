"""`dns`: a look-up that user code asked for. One of a call or of a connection that is being made is no row of its own."""

from __future__ import annotations

import contextvars
import ipaddress
import socket
import sys
from collections import Counter
from typing import Any

from ..outcome import outcome_of
from ..recorder import Call, Recorder
from ..when_imported import WhenImported
from .audit import AuditEvents

_TYPES = {int(socket.AF_INET): 'A', int(socket.AF_INET6): 'AAAA'}
_BOTH = 'A+AAAA'


class Dns:
    def __init__(self, recorder: Recorder, events: AuditEvents, when_imported: WhenImported) -> None:
        self.recorder = recorder
        #: Look-ups that an event loop hands to a thread: they were judged where they were asked for.
        self._handed_over: Counter[Any] = Counter()
        #: The code below runs inside of a look-up that was judged already.
        self._judged: contextvars.ContextVar[bool] = contextvars.ContextVar('outwitness_looked_up', default=False)
        self._watch(socket, 'socket')
        when_imported('gevent.socket', lambda module: self._watch(module, 'gevent.socket'))
        when_imported('asyncio.base_events', self._watch_loop)
        # By references from before, or `_socket` itself.
        events.on('socket.getaddrinfo', lambda host, port, family, *rest: self._raw(host, _TYPES.get(int(family), _BOTH)))
        events.on('socket.gethostbyname', lambda host: self._raw(host, 'A'))
        events.on('socket.gethostbyaddr', lambda address: self._raw(address, 'PTR'))

    def _watch(self, module: Any, label: str) -> None:
        around = self.recorder.guards.around

        def put(name: str, before: Any) -> None:
            original = getattr(module, name, None)
            if original is not None:
                setattr(module, name, around('%s.%s' % (label, name), original, before, self._after))

        put('getaddrinfo', self._addresses)
        for name in ('gethostbyname', 'gethostbyname_ex'):
            put(name, self._by_name)
        put('gethostbyaddr', self._by_address)
        put('getfqdn', self._by_name)
        put('getnameinfo', self._name_info)
        module.create_connection = around(
            '%s.create_connection' % label, module.create_connection, self._connecting, self._connected
        )

    def _connecting(self, address: Any, *rest: Any, **named: Any) -> Any:
        return self._connect_to(address[0])

    def _connect_to(self, host: Any) -> Any:
        """What is looked up and connected to until the end of this is one connection, to `host`."""
        scope = self.recorder.scope
        if scope.connecting.get() is not None:
            return None
        info = {'host': str(host), 'connection': None}
        return info, scope.connecting.set(info)

    def _connected(self, state: Any, result: Any, error: BaseException | None) -> None:
        info, token = state
        self.recorder.scope.connecting.reset(token)
        connection = info['connection']
        if error is not None and connection is not None:
            connection.failed = connection.failed or outcome_of(error, False)
            self.recorder.close(connection)

    def _begin(self, host: Any, kind: str) -> Call | None:
        recorder = self.recorder
        scope = recorder.scope
        if not recorder.live('dns') or scope.call.get() is not None or scope.connecting.get() is not None:
            return None
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode('latin-1')
        if not host or (kind != 'PTR' and _is_address(host)) or host == 'localhost':
            return None
        call = recorder.begin({'channel': 'dns', 'host': recorder.redaction.host(str(host)), 'method': kind})
        recorder.open(call)
        return call

    def _look_up(self, host: Any, kind: str) -> Any:
        if self._judged.get():
            return None
        return self._begin(host, kind), self._judged.set(True)

    def _after(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self._judged.reset(token)
        if call is None:
            return
        if error is not None:
            self.recorder.fail(call, error)
        else:
            self.recorder.end(call, {})

    def _raw(self, host: Any, kind: str) -> None:
        """Only that it was asked is told here, not what came of it."""
        if self._judged.get() or _is_for_gevent():
            return
        call = self._begin(host, kind)
        if call is not None:
            self.recorder.end(call, {})

    def _addresses(self, host: Any, port: Any = None, family: int = 0, *rest: Any, **named: Any) -> Any:
        key = (host, port)
        if self._handed_over[key] > 0:
            self._handed_over[key] -= 1
            return None, self._judged.set(True)
        return self._look_up(host, _TYPES.get(int(family), _BOTH))

    def _by_name(self, name: Any = '') -> Any:
        return self._look_up(name, 'A')

    def _by_address(self, address: Any) -> Any:
        return self._look_up(address, 'PTR')

    def _name_info(self, address: Any, flags: int = 0) -> Any:
        return None if flags & socket.NI_NUMERICHOST else self._look_up(address[0], 'PTR')

    def _watch_loop(self, module: Any) -> None:
        """`loop.getaddrinfo` of user code is a row; of the loop's own connections it is not, and they keep the name asked for."""
        loop = module.BaseEventLoop
        look_up, connect = loop.getaddrinfo, loop.create_connection
        guards = self.recorder.guards

        def asking(loop_: Any, host: Any, port: Any, **named: Any) -> Any:
            self._handed_over[(host, port)] += 1
            return self._begin(host, _BOTH)

        def asked(call: Call, result: Any, error: BaseException | None) -> None:
            if error is not None:
                self.recorder.fail(call, error)
            else:
                self.recorder.end(call, {})

        def connecting(loop_: Any, factory: Any, host: Any = None, *rest: Any, **named: Any) -> Any:
            return None if host is None else self._connect_to(host)

        loop.getaddrinfo = guards.around_async('asyncio.getaddrinfo', look_up, asking, asked)
        loop.create_connection = guards.around_async('asyncio.create_connection', connect, connecting, self._connected)


def _is_for_gevent() -> bool:
    """Its threads look up what was asked for, and judged, elsewhere."""
    frame: Any = sys._getframe(4)
    for _ in range(4):
        if frame is None:
            return False
        if 'gevent' in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition('%')[0])
    except ValueError:
        return False
    return True
