"""Fail-open: whatever goes wrong in the watcher is counted and reaches nobody."""

from __future__ import annotations

import functools
from typing import Any, Callable

#: Kept here, so that nothing the application replaces later is called.
_Exception = Exception


class Guards:
    """The named places at which the watcher looks at traffic. A name that is listed and never fires is a dead hook."""

    def __init__(self) -> None:
        self.faults: int = 0
        self.fired: dict[str, int] = {}
        #: Of a test: the names whose inspection is to throw.
        self.broken: set[str] = set()
        self.on_fault: Callable[[str], None] = lambda name: None

    def run(self, name: str, action: Callable[..., Any], *args: Any) -> Any:
        """What `action` gives, or None if it failed."""
        try:
            self.fired[name] = self.fired.get(name, 0) + 1
            if name in self.broken:
                raise RuntimeError('broken by a test')
            return action(*args)
        except _Exception:
            self.faults += 1
            try:
                self.on_fault(name)
            except _Exception:
                pass
            return None

    def around(
        self,
        name: str,
        original: Callable[..., Any],
        before: Callable[..., Any],
        after: Callable[[Any, Any, BaseException | None], None] | None = None,
    ) -> Callable[..., Any]:
        """A function that looks like `original`: inspect (guarded) → original, outside of any guard → observe (guarded).

        `before(*args, **kwargs)` gives a state; `after(state, result, error)` is called only if the state is not None.
        """
        enter, leave = name, name + '.after'
        self.fired.setdefault(enter, 0)

        def inspect(args: Any, kwargs: Any) -> Any:
            return before(*args, **kwargs)

        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            state = self.run(enter, inspect, args, kwargs)
            if state is None or after is None:
                return original(*args, **kwargs)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                self.run(leave, after, state, None, error)
                raise
            self.run(leave, after, state, result, None)
            return result

        return wrapper
