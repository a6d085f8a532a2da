"""`agent.json`: what the collector wants of the agents (docs/reference/settings.md). Read, never written here."""

from __future__ import annotations

import json
import os
import re
from typing import Any

_KEY = re.compile(r'([0-9a-f]{2}){16,64}\Z', re.I)


class Settings:
    """The effective settings. Without a file: generation 0, everything on."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        values = values or {}
        generation = values.get('generation')
        self.generation: int = generation if type(generation) is int and generation >= 0 else 0
        self.enabled: bool = values.get('enabled') is not False
        self.strict: bool = values.get('strict') is True
        names = values.get('disabledChannels')
        self.disabled: list[str] = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
        key = values.get('fingerprintKey')
        self.fingerprint_key: bytes | None = (
            bytes.fromhex(key) if isinstance(key, str) and _KEY.match(key) else None
        )


class SettingsFile:
    """Looks at size and times; reads only what changed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: Any = None

    def poll(self) -> Settings | None:
        """Settings if the file changed since the last call and is a JSON object."""
        try:
            stat = os.stat(self._path)
            seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            if seen == self._seen:
                return None
            with open(self._path, encoding='utf-8') as file:
                values = json.load(file)
            self._seen = seen
            return Settings(values) if isinstance(values, dict) else None
        except (OSError, ValueError):
            return None
