"""Inbound: a WSGI middleware (PEP 3333). The request is counted before the application runs."""

from __future__ import annotations

from typing import Any, Iterable, Iterator

from .recorder import Call, Recorder


class Middleware:
    """`Middleware(recorder, app)` answers exactly as `app` does."""

    def __init__(self, recorder: Recorder, app: Any, origin: dict[str, Any] | None = None) -> None:
        self._recorder = recorder
        self._app = app
        guarded = recorder.guards.guarded
        self._begin = guarded('wsgi.request', self._request)
        self._status = guarded('wsgi.status', self._answer)
        self._fail = guarded('wsgi.failed', recorder.fail)
        self._follow = guarded('wsgi.follow', self._followed)
        self.end = guarded('wsgi.end', self._end)
        self._origin: dict[str, Any] = origin or recorder.capture()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        call: Call | None = self._begin(environ)
        if call is None:
            return self._app(environ, start_response)

        def start(status: str, headers: Any, *rest: Any) -> Any:
            self._status(call, status, headers)
            return start_response(status, headers, *rest)

        try:
            result = self._app(environ, start)
        except BaseException as error:
            self._fail(call, error)
            raise
        return self._follow(environ, call, result) or result

    def _followed(self, environ: dict[str, Any], call: Call, result: Any) -> Any:
        wrapper = environ.get('wsgi.file_wrapper')
        if isinstance(result, (list, tuple)):  # its length matters to the server
            self.end(call, sum(map(len, result)))
            return None
        if isinstance(wrapper, type) and isinstance(result, wrapper):  # the server may hand it to sendfile
            self.end(call, None)
            return None
        return Body(self, call, result)

    def _request(self, environ: dict[str, Any]) -> Call | None:
        recorder = self._recorder
        if not recorder.live('http'):
            return None
        redaction = recorder.redaction
        scheme = str(environ.get('wsgi.url_scheme', 'http'))
        asked = str(environ.get('HTTP_HOST') or environ.get('SERVER_NAME') or '')
        name, colon, digits = asked.rpartition(':')
        has_port = bool(colon) and digits.isdigit() and not asked.endswith(']')
        host = redaction.host(name if has_port else asked)
        port = int(digits) if has_port else (443 if scheme == 'https' else 80)
        method = str(environ.get('REQUEST_METHOD', ''))
        raw = environ.get('REQUEST_URI') or environ.get('RAW_URI') or self._target(environ)
        names = [key[5:].replace('_', '-') for key in environ if key.startswith('HTTP_')]
        names += [key.replace('_', '-') for key in ('CONTENT_TYPE', 'CONTENT_LENGTH') if environ.get(key)]
        fields: dict[str, Any] = {
            'direction': 'in', 'channel': 'http', 'scheme': scheme, 'method': redaction.method(method), 'host': host,
            'port': port, 'requestHeaders': redaction.header_names(tuple(names)),
            'protocol': str(environ.get('SERVER_PROTOCOL', '')).lower() or None,
            'peerAddress': environ.get('REMOTE_ADDR') or None,
        }  # fmt: skip
        peer_port, local_port = str(environ.get('REMOTE_PORT', '')), str(environ.get('SERVER_PORT', ''))
        if peer_port.isdigit():
            fields['peerPort'] = int(peer_port)
        if local_port.isdigit():
            fields['localPort'] = int(local_port)
        fields.update(redaction.target(method, scheme, host, port, str(raw)))
        call = recorder.begin(fields, self._origin)
        recorder.open(call)
        call.fields = {}
        length = str(environ.get('CONTENT_LENGTH') or '0')
        call.into = int(length) if length.isdigit() else 0
        return call

    @staticmethod
    def _target(environ: dict[str, Any]) -> str:
        path = str(environ.get('SCRIPT_NAME', '')) + str(environ.get('PATH_INFO', ''))
        query = environ.get('QUERY_STRING')
        return (path or '/') + ('?' + str(query) if query else '')

    def _answer(self, call: Call, status: str, headers: Any) -> None:
        self._recorder.first_byte(call)
        call.fields = {
            'status': int(status[:3]),
            'responseHeaders': self._recorder.redaction.header_names(tuple([name for name, _ in headers])),
        }

    def _end(self, call: Call, sent: int | None, error: BaseException | None = None) -> None:
        fields = dict(call.fields)
        if sent is not None:  # of the bodies: a server's own head is not seen here
            fields.update(bytesIn=call.into, bytesOut=sent, bytesBasis='plaintext')
        if error is not None:
            fields['outcome'] = 'error'
        self._recorder.end(call, fields)


class Body:
    """An answer that comes in parts: passed on as it comes, counted, ended once."""

    def __init__(self, middleware: Middleware, call: Call, result: Iterable[bytes]) -> None:
        self._middleware, self._call, self._result = middleware, call, result
        self._parts: Iterator[bytes] | None = None
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._parts is None:
            self._parts = iter(self._result)
        try:
            part = next(self._parts)
        except StopIteration:
            self._over(None)
            raise
        except BaseException as error:
            self._over(error)
            raise
        self._sent += len(part)
        return part

    def close(self) -> None:
        try:
            close = getattr(self._result, 'close', None)
            if close is not None:
                close()
        finally:
            self._over(None)

    def _over(self, error: BaseException | None) -> None:
        self._middleware.end(self._call, self._sent, error)
