"""`process` and `native`: programs that are started and libraries that are loaded, neither of which Python can see into.

The audit event says that a program is about to be started; the replaced function around it says whether it could be.
"""

from __future__ import annotations

import contextvars
import os
import sys
from typing import Any

from ..recorder import Call, Recorder
from ..when_imported import WhenImported
from .audit import AuditEvents
from .command_line import network_programs_of, runs_another


class Processes:
    def __init__(self, recorder: Recorder, events: AuditEvents, when_imported: WhenImported) -> None:
        self.recorder = recorder
        #: The start that runs right now, whichever functions and events it goes through: one row.
        self._start: contextvars.ContextVar[list[Call | None] | None] = contextvars.ContextVar(
            'outwitness_start', default=None
        )
        events.on('subprocess.Popen', self._popen)
        events.on('os.system', lambda command: self._started(['sh', '-c', command], 'exec'))
        events.on('os.exec', lambda path, args, env: self._replacing(path, args))
        events.on('os.posix_spawn', lambda path, argv, env: self._started([path, *argv[1:]], 'spawn'))
        events.on('ctypes.dlopen', self._library)
        self._watch(os, 'posix_spawn', 'posix_spawnp', 'execv', 'execve', '_execvpe')
        when_imported('subprocess', lambda module: self._watch(module.Popen, '_execute_child'))
        when_imported('_posixsubprocess', self._watch_fork_exec)

    # Programs

    def _watch(self, place: Any, *names: str) -> None:
        label = getattr(place, '__name__', 'os')
        for name in names:
            original = getattr(place, name, None)
            if original is not None:
                setattr(place, name, self.recorder.guards.around('%s.%s' % (label, name), original, self._enter, self._leave))

    def _watch_fork_exec(self, module: Any) -> None:
        """No event tells of it: `multiprocessing` starts its children by it."""

        def enter(args: Any, programs: Any, *rest: Any) -> Any:
            state = self._enter()
            if state is not None:
                self._started([programs[0] if programs else args[0], *args[1:]], 'spawn')
            return state

        module.fork_exec = self.recorder.guards.around('posixsubprocess.fork_exec', module.fork_exec, enter, self._leave)

    def _enter(self, *rest: Any, **named: Any) -> Any:
        if self._start.get() is not None:
            return None
        slot: list[Call | None] = [None]
        return slot, self._start.set(slot)

    def _leave(self, state: Any, result: Any, error: BaseException | None) -> None:
        slot, token = state
        self._start.reset(token)
        call = slot[0]
        if call is None:
            return
        if error is not None:
            self.recorder.fail(call, error)
        else:
            self.recorder.end(call, {})

    def _popen(self, executable: Any, args: Any, cwd: Any, env: Any) -> None:
        words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
        program = os.fsdecode(executable or (words[0] if words else ''))
        shell = len(words) > 1 and os.path.basename(program) in ('sh', 'bash', 'dash') and words[1] in ('-c', b'-c')
        self._started([program, *words[1:]], 'exec' if shell else 'spawn')

    def _replacing(self, path: Any, args: Any) -> None:
        """If it succeeds nothing of this process comes back: what waits is written, and the file is ended."""
        if isinstance(path, int):
            path = os.readlink('/proc/self/fd/%d' % path)
        self._started([path, *list(args)[1:]], 'execve', True)
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            self.recorder.tell_faults()
            self.recorder.writer.end('exit')

    def _started(self, words: list[Any], method: str, unknown: bool = False) -> None:
        """`words`: the program and its arguments, of which no more than names of network programs is kept."""
        slot = self._start.get()
        if slot is not None and slot[0] is not None:
            return
        name, *rest = [os.fsdecode(word) for word in words]
        name = os.path.basename(name)
        if method == 'exec' or runs_another(name):
            name = '+'.join(network_programs_of([name, *rest])) or name
        call = self._open('process', name, method=method)
        if call is None:
            return
        if slot is not None:
            slot[0] = call
        elif not unknown:
            self.recorder.end(call, {})

    # Libraries

    def _library(self, name: Any) -> None:
        """Without a name it is the program itself, by which all of the C library can be called."""
        if name is None and _is_ctypes_itself():
            return
        path = 'self' if name is None else os.path.basename(os.fsdecode(name))
        call = self._open('native', path)
        if call is not None:
            self.recorder.end(call, {})

    def _open(self, channel: str, path: str, **fields: Any) -> Call | None:
        recorder = self.recorder
        if not recorder.live(channel):
            return None
        call = recorder.begin({'channel': channel, 'path': recorder.redaction.local_path(path), **fields})
        recorder.open(call)
        return call


def _is_ctypes_itself() -> bool:
    """`ctypes` opens the program when it is imported."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get('__name__') == 'ctypes' and frame.f_code.co_name == '<module>':
            return True
        frame = frame.f_back
    return False
