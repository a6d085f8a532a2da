"""Who handed a function to a thread, an executor or an event loop: where that is a library's, nothing of theirs is on the stack when it runs.

Asked only where a stack names nobody. What is kept is light (owner, code, line): tasks are made often.
"""

from __future__ import annotations

import contextvars
import sys
import threading
import weakref
from typing import Any

from .guard import Guards
from .when_imported import WhenImported

#: Of an item of an executor that nobody is known for: the thread was started for another.
_NOBODY = (None,)


class Callers:
    def __init__(self, guards: Guards, attributor: Any, when_imported: WhenImported) -> None:
        self._guards = guards
        self._attributor = attributor
        #: Thread, item of an executor or task → who made it. A thread keeps its first.
        self._made: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        #: The item that an executor runs right now.
        self._item: contextvars.ContextVar[Any] = contextvars.ContextVar('outwitness_item', default=None)
        attributor.handed_over = guards.guarded('callers.handed_over', self._handed_over)
        threading.Thread.start = guards.around('threading.start', threading.Thread.start, self._starting)  # type: ignore[method-assign]
        when_imported('concurrent.futures.thread', self._watch_executor)
        when_imported('asyncio.base_events', self._watch_loop)

    def _watch_executor(self, module: Any) -> None:
        item, around = module._WorkItem, self._guards.around
        item.__init__ = around('executor.submit', item.__init__, self._submitting)
        item.run = around('executor.run', item.run, self._running, self._ran)

    def _watch_loop(self, module: Any) -> None:
        loop = module.BaseEventLoop
        loop.create_task = self._guards.around('asyncio.create_task', loop.create_task, self._asking, self._made_task)

    def _starting(self, thread: Any) -> None:
        """Only what an addon starts itself: a thread that a library starts may work for anybody later."""
        caller = self._attributor.caller(True)
        if caller is not None:
            self._made[thread] = caller

    def _submitting(self, item: Any, *rest: Any, **named: Any) -> None:
        caller = self._attributor.caller()
        if caller is not None:
            self._made[item] = caller

    def _running(self, item: Any) -> Any:
        return self._item.set(self._made.get(item, _NOBODY))

    def _ran(self, token: Any, result: Any, error: BaseException | None) -> None:
        self._item.reset(token)

    def _asking(self, loop: Any, *rest: Any, **named: Any) -> Any:
        return self._attributor.caller()

    def _made_task(self, caller: Any, task: Any, error: BaseException | None) -> None:
        if error is None:
            self._made[task] = caller

    def _handed_over(self) -> Any:
        """Owner, code and line of whoever handed over what runs right now, None if that is not known."""
        asyncio: Any = sys.modules.get('asyncio')
        loop = getattr(asyncio, '_get_running_loop', _no_loop)()
        if loop is not None:
            task = asyncio.current_task(loop)
            return None if task is None else self._made.get(task)
        item = self._item.get()
        if item is not None:
            return None if item is _NOBODY else item
        return self._made.get(threading.current_thread())


def _no_loop() -> None:
    """Where asyncio is not loaded, or not yet."""
