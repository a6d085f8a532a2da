"""Runs something once a module is there: at once if it is loaded, else right after its own code has run."""

from __future__ import annotations

import sys
from typing import Any, Callable

from .guard import Guards


class WhenImported:
    """A finder at the front of `sys.meta_path` that finds nothing by itself."""

    def __init__(self, guards: Guards) -> None:
        self._guards = guards
        self._follow = guards.guarded('import', self._run_after)
        self._wanted: dict[str, list[Callable[[Any], None]]] = {}
        self._searching: set[str] = set()

    def __call__(self, name: str, action: Callable[[Any], None]) -> None:
        action = self._guards.guarded('import.' + name, action)
        module = sys.modules.get(name)
        if module is not None and getattr(getattr(module, '__spec__', None), '_initializing', False) is not True:
            action(module)
            return
        self._wanted.setdefault(name, []).append(action)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name not in self._wanted or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = next(
                (
                    found
                    for finder in sys.meta_path
                    if finder is not self and hasattr(finder, 'find_spec')
                    for found in [finder.find_spec(name, path, target)]
                    if found is not None
                ),
                None,
            )
        finally:
            self._searching.discard(name)
        if spec is None or spec.loader is None or not hasattr(spec.loader, 'exec_module'):
            return spec
        self._follow(spec, name)
        return spec

    def _run_after(self, spec: Any, name: str) -> None:
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            for action in self._wanted.pop(name, ()):
                action(module)

        spec.loader.exec_module = exec_module
