"""`requests`: the adapter's send is the call; what leaves goes through `http.client`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from ..recorder import Recorder
from ..when_imported import WhenImported
from .http_client import target_of


class Requests:
    def __init__(self, recorder: Recorder, when_imported: WhenImported) -> None:
        self.recorder = recorder
        when_imported('requests.adapters', self._watch)

    def _watch(self, module: Any) -> None:
        cls = module.HTTPAdapter
        cls.send = self.recorder.guards.around('requests.send', cls.send, self._sending, self._sent)

    def _sending(self, adapter: Any, request: Any, *more: Any, **named: Any) -> Any:
        recorder = self.recorder
        if not recorder.live('requests') or recorder.scope.call.get() is not None:
            return None
        # Complete from the beginning: a pool connects before it asks.
        scheme, _, rest = request.url.partition('://')
        authority, slash, target = rest.partition('/')
        if not slash or '?' in authority or '#' in authority:  # not as requests prepares it
            authority, target = urlsplit(request.url).netloc, rest[len(urlsplit(request.url).netloc) :]
        host, port = _host_and_port(scheme, authority)
        target = (slash + target).partition('#')[0] or '/'
        method = str(request.method)
        call = recorder.begin({'channel': 'requests', **target_of(recorder.redaction, scheme, host, port, method, target)})
        call.asked = (method, target)
        return call, recorder.scope.call.set(call)

    def _sent(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.call.reset(token)
        if error is not None:
            self.recorder.fail(call, error)


@lru_cache(1024)
def _host_and_port(scheme: str, authority: str) -> Any:
    place = urlsplit('%s://%s' % (scheme, authority))
    return place.hostname, place.port
