"""`process` and `native`: programs that are started and libraries that are loaded, neither of which Python can see into."""

from __future__ import annotations

import os
from typing import Any

from ..recorder import Recorder
from .audit import AuditEvents


class Processes:
    def __init__(self, recorder: Recorder, events: AuditEvents) -> None:
        self.recorder = recorder
        events.on('subprocess.Popen', self._popen)
        events.on('os.system', lambda command: self._started('sh', 'exec'))
        events.on('os.exec', lambda path, args, env: self._started(path, 'execve'))
        events.on('os.posix_spawn', lambda path, argv, env: self._started(path, 'spawn'))
        events.on('pty.spawn', lambda argv: self._started(argv[0] if argv else '', 'spawn'))
        events.on('ctypes.dlopen', self._library)

    def _popen(self, executable: Any, args: Any, cwd: Any, env: Any) -> None:
        words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
        program = os.fsdecode(executable or (words[0] if words else ''))
        shell = len(words) > 1 and os.path.basename(program) in ('sh', 'bash', 'dash') and words[1] in ('-c', b'-c')
        self._started(program, 'exec' if shell else 'spawn')

    def _started(self, program: Any, method: str) -> None:
        self._single('process', os.path.basename(os.fsdecode(program)), method=method)

    def _library(self, name: Any) -> None:
        if name:
            self._single('native', os.path.basename(os.fsdecode(name)))

    def _single(self, channel: str, path: str, **fields: Any) -> None:
        recorder = self.recorder
        if recorder.live(channel):
            recorder.single({'channel': channel, 'path': recorder.redaction.local_path(path), **fields})
