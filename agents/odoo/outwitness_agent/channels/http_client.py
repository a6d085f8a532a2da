"""`urllib`: everything that speaks through `http.client` (urllib, urllib3, xmlrpc). `requests` rides on it as `requests`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..recorder import Call, Recorder
from ..when_imported import WhenImported


def target_of(redaction: Any, scheme: str, host: Any, port: Any, method: str, url: str) -> dict[str, Any]:
    """Where a request goes, as far as it may be written down."""
    host = redaction.host(str(host))
    number = int(port) if port else (443 if scheme == 'https' else 80)
    return {
        'scheme': scheme, 'method': redaction.method(method), 'host': host, 'port': number,
        **redaction.target(method, scheme, host, number, url),
    }  # fmt: skip


class HttpClient:
    def __init__(self, recorder: Recorder, when_imported: WhenImported) -> None:
        self.recorder = recorder
        when_imported('http.client', self._watch)
        when_imported('urllib3.connectionpool', self._watch_pool)

    def _watch(self, module: Any) -> None:
        around = self.recorder.guards.around
        connection, response = module.HTTPConnection, module.HTTPResponse

        def put(cls: Any, name: str, before: Any, after: Any) -> None:
            setattr(cls, name, around('http.client.' + name, getattr(cls, name), before, after))

        put(connection, 'connect', self._connecting, self._connected)
        put(connection, 'endheaders', self._leaving, self._left)
        put(connection, 'getresponse', self._waiting, self._answered)
        put(response, '_close_conn', self._over, None)

    def _watch_pool(self, module: Any) -> None:
        """urllib3 connects, and seals, before it asks: the call begins earlier there."""
        cls = module.HTTPConnectionPool
        cls.urlopen = self.recorder.guards.around('urllib3.urlopen', cls.urlopen, self._pooled, self._left)

    def _pooled(self, pool: Any, method: str, url: str, *rest: Any, **named: Any) -> Any:
        recorder = self.recorder
        if recorder.scope.call.get() is not None or not recorder.live('urllib'):
            return None
        call = recorder.begin({'channel': 'urllib', **target_of(recorder.redaction, pool.scheme, pool.host, pool.port, method, url)})
        call.asked = (method, url)
        return call, recorder.scope.call.set(call)

    def _connecting(self, connection: Any, *rest: Any, **named: Any) -> Any:
        """Of a connection that is opened ahead of its request: it waits for its call."""
        scope = self.recorder.scope
        if scope.call.get() is not None or scope.connecting.get() is not None or not self.recorder.live('urllib'):
            return None
        info = {'host': str(connection.host), 'connection': None, 'by': 'http'}
        return scope.connecting.set(info)

    def _connected(self, token: Any, result: Any, error: BaseException | None) -> None:
        self.recorder.scope.connecting.reset(token)

    def _leaving(self, connection: Any, *rest: Any, **named: Any) -> Any:
        recorder = self.recorder
        outer = recorder.scope.call.get()
        if outer is None and not recorder.live('urllib'):
            return None
        lines = connection._buffer
        if not lines:  # nothing was asked: the original says so
            return None
        method, _, asked = lines[0].decode('latin-1').partition(' ')
        url = asked.rpartition(' ')[0] or '/'
        if outer is None:
            call = recorder.begin({'channel': 'urllib'})
        elif outer.sent:  # another try, or the next hop, of the same caller
            call = recorder.begin({'channel': outer.fields['channel']}, outer.origin)
        else:
            call = outer
        fields = call.fields
        if call.asked != (method, url) or getattr(connection, '_tunnel_host', None):
            fields.update(self._described(connection, method, url))
        names = tuple([line.partition(b':')[0] for line in lines[1:] if b':' in line])
        fields['protocol'] = 'http/1.1'
        fields['requestHeaders'] = recorder.redaction.header_names(names)
        call.basis = 'plaintext'
        call.sent = True
        connection._outwitness_call = call
        token = recorder.scope.call.set(call)
        sock = connection.sock
        used = recorder.connections.get(sock.fileno()) if sock is not None else None
        if not call.opened:
            recorder.open(call, used)
            fields['requestHeaders'] = None
        elif used is not None and call.connection is not used:
            recorder.claim(call, used)
        return call, token

    def _described(self, connection: Any, method: str, url: str) -> dict[str, Any]:
        recorder = self.recorder
        scheme = 'https' if connection.default_port == 443 else 'http'
        host, port = connection.host, connection.port
        fields: dict[str, Any] = {}
        tunnel = getattr(connection, '_tunnel_host', None)
        if tunnel:
            fields['proxy'] = '%s:%s' % (recorder.redaction.host(host), port)
            host, port = tunnel, connection._tunnel_port or connection.default_port
        elif '://' in url.partition('?')[0]:
            target = urlsplit(url)
            fields['proxy'] = '%s:%s' % (recorder.redaction.host(host), port)
            scheme = target.scheme if target.scheme in ('http', 'https') else scheme
            host, port = target.hostname or host, target.port or (443 if scheme == 'https' else 80)
        fields.update(target_of(recorder.redaction, scheme, host, int(port), method, url))
        return fields

    def _left(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.call.reset(token)
        if error is not None:
            self.recorder.fail(call, error)

    def _waiting(self, connection: Any, *rest: Any, **named: Any) -> Any:
        return getattr(connection, '_outwitness_call', None)

    def _answered(self, call: Call, response: Any, error: BaseException | None) -> None:
        if isinstance(error, TypeError):  # urllib3 1 asks with an argument of old Pythons first, then without
            return
        recorder = self.recorder
        if error is not None:
            recorder.fail(call, error)
            return
        recorder.first_byte(call)
        # urllib3 2 wraps the answer of the standard library.
        inner = getattr(response, '_fp', None) or getattr(response, '_original_response', None) or response
        headers = getattr(inner, 'headers', None) or response.headers
        # The call may have begun before its headers were known.
        call.fields = {
            'requestHeaders': call.fields.get('requestHeaders'), 'status': int(response.status),
            'responseHeaders': recorder.redaction.header_names(tuple(headers.keys()) if headers is not None else ()),
        }  # fmt: skip
        if inner.isclosed():
            recorder.end(call, call.fields)
        else:
            inner._outwitness_call = call

    def _over(self, response: Any, *rest: Any) -> None:
        call = getattr(response, '_outwitness_call', None)
        if call is None:
            return
        response._outwitness_call = None
        unread = response.length if not response.chunked else response.chunk_left
        if unread:
            call.fields['outcome'] = 'aborted'
        self.recorder.end(call, call.fields)
