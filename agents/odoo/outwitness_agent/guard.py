"""Fail-open: whatever goes wrong in the watcher is counted and reaches nobody."""

from __future__ import annotations

import contextvars
import functools
from typing import Any, Callable

#: Kept here, so that nothing the application replaces later is called.
_Exception = Exception


class Guards:
    """The named places at which the watcher looks at traffic, each known from when it is put in place."""

    def __init__(self) -> None:
        self.faults: int = 0
        #: Name of the place → kind of error → how often it was caught there since the last `take`.
        self.places: dict[str, dict[str, int]] = {}

    def fault(self, name: str, error: BaseException) -> None:
        """Counts what was caught: the kind of error, never its message, which may hold anything."""
        self.faults += 1
        caught = self.places.setdefault(name, {})
        # A class of the application's has the name that the application gave it.
        kind = next((known.__name__ for known in type(error).__mro__ if known.__module__ == 'builtins'), 'Exception')
        caught[kind] = caught.get(kind, 0) + 1

    def take(self) -> list[tuple[str, str, int]]:
        """Name, kind and count of what was caught since the last time."""
        taken = [(name, kind, count) for name, kinds in list(self.places.items()) for kind, count in kinds.items()]
        for name, kind, count in taken:
            self.places[name].pop(kind, None)
        return taken

    def after_fork(self) -> None:
        self.faults = 0
        self.take()

    def place(self, name: str, action: Callable[..., Any]) -> Callable[..., Any]:
        """Makes the place known. What is given back is called there."""
        self.places.setdefault(name, {})
        return action

    def guarded(self, name: str, action: Callable[..., Any]) -> Callable[..., Any]:
        """Like `action`, but gives None where that raises."""
        action, fault = self.place(name, action), self.fault

        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return action(*args, **kwargs)
            except _Exception as error:
                fault(name, error)
                return None

        return run

    def around(
        self,
        name: str,
        original: Callable[..., Any],
        before: Callable[..., Any],
        after: Callable[[Any, Any, BaseException | None], None] | None = None,
    ) -> Callable[..., Any]:
        """A function that looks like `original`: inspect (guarded) → original, outside of any guard → observe (guarded).

        `before(*args, **kwargs)` gives a state; `after(state, result, error)` is called only if the state is not None.
        The guards are written out here: a call more each is a tenth of what a request may cost.
        """
        before, fault = self.place(name, before), self.fault
        if after is None:

            @functools.wraps(original)
            def inspected(*args: Any, **kwargs: Any) -> Any:
                try:
                    before(*args, **kwargs)
                except _Exception as error:
                    fault(name, error)
                return original(*args, **kwargs)

            return inspected
        leave = self._leaving(name + '.after', after)

        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                state = before(*args, **kwargs)
            except _Exception as error:
                fault(name, error)
                state = None
            if state is None:
                return original(*args, **kwargs)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                leave(state, None, error)
                raise
            leave(state, result, None)
            return result

        return wrapper

    def _leaving(self, name: str, after: Callable[..., Any]) -> Callable[..., Any]:
        after, fault = self.place(name, after), self.fault

        def leave(state: Any, result: Any, error: BaseException | None) -> None:
            try:
                after(state, result, error)
            except _Exception as caught:
                fault(name, caught)
                _leave_scopes(state)

        return leave

    def around_async(
        self,
        name: str,
        original: Callable[..., Any],
        before: Callable[..., Any],
        after: Callable[[Any, Any, BaseException | None], None],
    ) -> Callable[..., Any]:
        """The same for a coroutine function."""
        enter, leave = self.guarded(name, before), self._leaving(name + '.after', after)

        @functools.wraps(original)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            state = enter(*args, **kwargs)
            if state is None:
                return await original(*args, **kwargs)
            try:
                result = await original(*args, **kwargs)
            except BaseException as error:
                leave(state, None, error)
                raise
            leave(state, result, None)
            return result

        return wrapper


def _leave_scopes(state: Any) -> None:
    """An observation that failed must not leave what follows inside of a call that is over: it would be no row."""
    for token in state if isinstance(state, tuple) else (state,):
        if isinstance(token, contextvars.Token):
            try:
                token.var.reset(token)
            except _Exception:  # it was left already
                pass
