"""`httpx`: the transports, sync and async. What they use below (httpcore, h11, anyio) opens the connections."""

from __future__ import annotations

from typing import Any

from ..recorder import Call, Recorder
from ..when_imported import WhenImported


class Httpx:
    def __init__(self, recorder: Recorder, when_imported: WhenImported) -> None:
        self.recorder = recorder
        when_imported('httpx._transports.default', self._watch)

    def _watch(self, module: Any) -> None:
        guards = self.recorder.guards
        sync, other = module.HTTPTransport, module.AsyncHTTPTransport
        sync.handle_request = guards.around('httpx.handle', sync.handle_request, self._asking, self._asked)
        other.handle_async_request = guards.around_async(
            'httpx.handle_async', other.handle_async_request, self._asking, self._asked
        )
        stream, later = module.ResponseStream, module.AsyncResponseStream
        stream.close = guards.around('httpx.close', stream.close, self._over)
        # Looks only, before the coroutine is made.
        later.aclose = guards.around('httpx.aclose', later.aclose, self._over)

    def _asking(self, transport: Any, request: Any) -> Any:
        recorder = self.recorder
        if not recorder.live('httpx') or recorder.scope.call.get() is not None:
            return None
        url = request.url
        scheme = url.scheme
        host = recorder.redaction.host(url.host)
        port = url.port or (443 if scheme == 'https' else 80)
        names = tuple([name for name, _ in request.headers.raw])
        fields = {
            'channel': 'httpx', 'scheme': scheme, 'method': recorder.redaction.method(request.method), 'host': host,
            'port': port, 'requestHeaders': recorder.redaction.header_names(names),
        }  # fmt: skip
        raw = url.raw_path.decode('latin-1')
        fields.update(recorder.redaction.target(request.method, scheme, host, port, raw))
        proxy = getattr(getattr(transport, '_pool', None), '_proxy_url', None)
        if proxy is not None:
            fields['proxy'] = '%s:%s' % (recorder.redaction.host(proxy.host.decode('latin-1')), proxy.port or 80)
        call = recorder.begin(fields)
        call.basis = 'plaintext'
        recorder.open(call)
        return call, recorder.scope.call.set(call)

    def _asked(self, state: Any, response: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.call.reset(token)
        if error is not None:
            self.recorder.fail(call, error)
            return
        self.recorder.first_byte(call)
        connection = call.connection
        if connection is not None and call.fields['scheme'] == 'https' and not connection.tls:
            connection.sealed = True
        names = tuple([name for name, _ in response.headers.raw])
        call.fields = {
            'status': response.status_code, 'responseHeaders': self.recorder.redaction.header_names(names),
        }  # fmt: skip
        version = response.extensions.get('http_version')
        if version:
            text = version.decode('latin-1').lower()
            call.fields['protocol'] = 'h2' if text == 'http/2' else text
        response.stream._outwitness_call = call

    def _over(self, stream: Any) -> None:
        call: Call | None = getattr(stream, '_outwitness_call', None)
        if call is not None:
            stream._outwitness_call = None
            self.recorder.end(call, call.fields)
