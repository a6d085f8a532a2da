"""Python's audit events (PEP 578): raised by the C code itself, so that references taken before `install()`, `_socket` used directly, eval and reload are seen too. A hook cannot be taken out again."""

from __future__ import annotations

import sys
from typing import Any, Callable

from ..guard import Guards


class AuditEvents:
    def __init__(self, guards: Guards) -> None:
        self._guards = guards
        self._handlers: dict[str, Callable[..., None]] = {}

    def on(self, event: str, handler: Callable[..., None]) -> None:
        self._handlers[event] = self._guards.guarded('audit.' + event, handler)

    def start(self) -> None:
        handlers = self._handlers

        def hook(event: str, args: Any) -> None:
            if event in handlers:
                handlers[event](*args)

        sys.addaudithook(hook)
