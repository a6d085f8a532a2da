"""`requests`: the adapter's send is the call; what leaves goes through `http.client`."""

from __future__ import annotations

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

    def _sending(self, adapter: Any, request: Any, *rest: Any, **named: Any) -> Any:
        recorder = self.recorder
        if not recorder.live('requests') or recorder.scope.call.get() is not None:
            return None
        # Complete from the beginning: a pool connects before it asks.
        place = urlsplit(request.url)
        target = request.url[len('%s://%s' % (place.scheme, place.netloc)) :]
        fields = target_of(recorder.redaction, place.scheme, place.hostname, place.port, str(request.method), target or '/')
        call = recorder.begin({'channel': 'requests', **fields})
        return call, recorder.scope.call.set(call)

    def _sent(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.call.reset(token)
        if error is not None:
            self.recorder.fail(call, error)
