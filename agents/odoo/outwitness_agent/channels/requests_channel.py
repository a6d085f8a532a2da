"""`requests`: the adapter's send is the call; what leaves goes through `http.client`."""

from __future__ import annotations

from typing import Any

from ..recorder import Recorder
from ..when_imported import WhenImported


class Requests:
    def __init__(self, recorder: Recorder, when_imported: WhenImported) -> None:
        self.recorder = recorder
        when_imported('requests.adapters', self._watch)

    def _watch(self, module: Any) -> None:
        cls = module.HTTPAdapter
        cls.send = self.recorder.guards.around('requests.send', cls.send, self._sending, self._sent)

    def _sending(self, adapter: Any, *rest: Any, **named: Any) -> Any:
        recorder = self.recorder
        if not recorder.live('requests') or recorder.scope.call.get() is not None:
            return None
        call = recorder.begin({'channel': 'requests'})
        return call, recorder.scope.call.set(call)

    def _sent(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.call.reset(token)
        if error is not None:
            self.recorder.fail(call, error)
