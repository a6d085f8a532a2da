"""`dns`: a look-up that user code asked for. One of a call or of a connection that is being made is no row of its own."""

from __future__ import annotations

import ipaddress
import socket
from collections import Counter
from typing import Any

from ..outcome import outcome_of
from ..recorder import Recorder
from ..when_imported import WhenImported

_TYPES = {int(socket.AF_INET): 'A', int(socket.AF_INET6): 'AAAA'}
_BOTH = 'A+AAAA'


class Dns:
    def __init__(self, recorder: Recorder, when_imported: WhenImported) -> None:
        self.recorder = recorder
        #: Look-ups that an event loop hands to a thread: they were judged where they were asked for.
        self._handed_over: Counter[Any] = Counter()
        around = recorder.guards.around

        def put(name: str, before: Any) -> None:
            original = getattr(socket, name, None)
            if original is not None:
                setattr(socket, name, around('socket.' + name, original, before, self._after))

        put('getaddrinfo', self._addresses)
        for name in ('gethostbyname', 'gethostbyname_ex'):
            put(name, self._by_name)
        put('gethostbyaddr', self._by_address)
        put('getfqdn', self._by_name)
        put('getnameinfo', self._name_info)
        socket.create_connection = around(
            'socket.create_connection', socket.create_connection, self._connecting, self._connected
        )
        when_imported('asyncio.base_events', self._watch_loop)

    def _connecting(self, address: Any, *rest: Any, **named: Any) -> Any:
        recorder = self.recorder
        info = {'host': str(address[0]), 'connection': None}
        return info, recorder.scope.connecting.set(info)

    def _connected(self, state: Any, result: Any, error: BaseException | None) -> None:
        info, token = state
        self.recorder.scope.connecting.reset(token)
        connection = info['connection']
        if error is not None and connection is not None:
            connection.failed = connection.failed or outcome_of(error, False)
            self.recorder.close(connection)

    def _begin(self, host: Any, kind: str) -> Any:
        recorder = self.recorder
        scope = recorder.scope
        if not recorder.live('dns') or scope.call.get() is not None or scope.connecting.get() is not None:
            return None
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode('latin-1')
        if not host or (kind != 'PTR' and _is_address(host)) or host == 'localhost':
            return None
        call = recorder.begin({'channel': 'dns', 'host': recorder.redaction.host(host), 'method': kind})
        recorder.open(call)
        return call, recorder.scope.connecting.set({'host': str(host), 'connection': None})

    def _after(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.connecting.reset(token)
        if error is not None:
            self.recorder.fail(call, error)
        else:
            self.recorder.end(call, {})

    def _addresses(self, host: Any, port: Any = None, family: int = 0, *rest: Any, **named: Any) -> Any:
        key = (host, port)
        if self._handed_over[key] > 0:
            self._handed_over[key] -= 1
            return None
        return self._begin(host, _TYPES.get(int(family), _BOTH))

    def _by_name(self, name: Any = '') -> Any:
        return self._begin(name, 'A')

    def _by_address(self, address: Any) -> Any:
        return self._begin(address, 'PTR')

    def _name_info(self, address: Any, flags: int = 0) -> Any:
        return None if flags & socket.NI_NUMERICHOST else self._begin(address[0], 'PTR')

    def _watch_loop(self, module: Any) -> None:
        """`loop.getaddrinfo` of user code is a row; of asyncio's own connections it is not."""
        import sys

        loop = module.BaseEventLoop
        original = loop.getaddrinfo
        guards = self.recorder.guards
        own = module.__file__

        def before(host: Any, port: Any) -> Any:
            self._handed_over[(host, port)] += 1
            frame: Any = sys._getframe(3)
            if frame is not None and frame.f_code.co_filename == own:
                return None
            state = self._begin(host, _BOTH)
            if state is None:
                return None
            self.recorder.scope.connecting.reset(state[1])
            return state[0]

        async def getaddrinfo(self_: Any, host: Any, port: Any, **named: Any) -> Any:
            call = guards.run('asyncio.getaddrinfo', before, host, port)
            try:
                result = await original(self_, host, port, **named)
            except BaseException as error:
                if call is not None:
                    guards.run('asyncio.getaddrinfo.after', self.recorder.fail, call, error)
                raise
            if call is not None:
                guards.run('asyncio.getaddrinfo.after', self.recorder.end, call, {})
            return result

        getaddrinfo.__doc__ = original.__doc__
        loop.getaddrinfo = getaddrinfo


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition('%')[0])
    except ValueError:
        return False
    return True
