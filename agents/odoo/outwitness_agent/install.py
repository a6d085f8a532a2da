"""Puts the watcher in place: once per process, whatever calls it."""

from __future__ import annotations

import atexit
import hashlib
import os
import sys
import time
from typing import Any, Callable

from .attribution import Attributor
from .callers import Callers
from .channels.audit import AuditEvents
from .channels.dns import Dns
from .channels.http_client import HttpClient
from .channels.httpx_channel import Httpx
from .channels.mail import Mail
from .channels.process import Processes
from .channels.requests_channel import Requests
from .channels.sockets import Sockets
from .channels.tls import Tls
from .fields import CHANNELS
from .guard import Guards
from .recorder import Recorder
from .redaction import Redaction
from .settings import Settings, SettingsFile
from .spool import Writer, now
from .version import __version__
from .when_imported import WhenImported
from .wsgi import Middleware

_BEAT_S = 5

_active: Agent | None = None


def install(
    app: str | None = None,
    attributor: Any = None,
    redaction: Any = None,
    loaded: str = 'register',
    wanted: Callable[[], bool | None] | None = None,
) -> Agent:
    """Watches this process from now on. A second call returns the agent that is there.

    `app`: name of the application, else `OUTWITNESS_APP`, else the main script's. `OUTWITNESS_DATA` (default `./.outwitness`) and `OUTWITNESS_SPOOL` say where records go. `loaded`: `register` or `hook`. `wanted`: asked each second; capture stops at False and goes on at True, and None changes nothing.
    """
    global _active
    if _active is None:
        _active = Agent(app, attributor or Attributor(), redaction, loaded, wanted)
    return _active


class Agent:
    """The agent of this process."""

    def __init__(
        self, app: str | None, attributor: Any, redaction: Any, loaded: str, wanted: Callable[[], bool | None] | None = None
    ) -> None:
        data = os.path.abspath(os.environ.get('OUTWITNESS_DATA') or '.outwitness')
        os.environ['OUTWITNESS_DATA'] = data
        moved = os.environ.get('OUTWITNESS_SPOOL', '')
        spool = moved if os.path.isabs(moved) else os.path.join(data, 'spool')
        _make(data, 0o711)
        _make(spool, 0o3730)
        self._settings_file = SettingsFile(os.path.join(data, 'agent.json'))
        self.settings: Settings = self._settings_file.poll() or Settings()
        self._redaction = redaction
        self._attributor = attributor
        self._app = app or os.environ.get('OUTWITNESS_APP') or _script() or 'python'
        self._loaded = loaded
        self._digest = _own_digest()
        self.guards = Guards()
        self._wanted = self.guards.guarded('port.wanted', wanted) if wanted is not None else lambda: None
        #: The host took its glue out: what is left of it in this process lies still.
        self._unwanted = False
        self.writer = Writer(spool, self._hello)
        self.writer.faults = lambda: self.guards.faults  # type: ignore[attr-defined]
        self.recorder = Recorder(self.writer, self.guards, attributor, self._policy())
        self._apply(self.settings)
        self._watch()
        self.writer.flush()
        os.register_at_fork(after_in_child=self.guards.guarded('agent.forked', self._forked))
        atexit.register(self._exit)
        self._start_loop()
        if self.settings.generation > 0:
            self._answer()

    def middleware(self, application: Any, origin: dict[str, Any] | None = None) -> Middleware:
        """A WSGI application like `application`, each request of which is a row. `origin` is who listens, by default whoever calls this."""
        return Middleware(self.recorder, application, origin)

    def look_whether_wanted(self) -> None:
        """Stops where the host took its glue out while the process runs on, and says so; goes on where it is back."""
        wanted = self._wanted()
        if wanted is None or wanted is not self._unwanted:
            return
        self._unwanted = not wanted
        self.recorder.enabled = self.settings.enabled and not self._unwanted
        if self._unwanted:
            self.recorder.gap('disabled', 'The host took the watcher out: this process is not watched any more.', 1)
        else:
            self._answer()

    def _watch(self) -> None:
        recorder = self.recorder
        events = AuditEvents(self.guards)
        when_imported = WhenImported(self.guards)
        Callers(self.guards, self._attributor, when_imported)
        self.sockets = Sockets(recorder, events)
        Dns(recorder, events, when_imported)
        Tls(recorder, self.sockets, when_imported)
        HttpClient(recorder, when_imported)
        Requests(recorder, when_imported)
        Httpx(recorder, when_imported)
        Mail(recorder, when_imported)
        Processes(recorder, events, when_imported)
        when_imported('gevent._socket3', lambda module: self.sockets.watch_class(module.socket, 'gevent'))
        # Where gevent came first, the platform's class is still in use by those who kept it.
        when_imported('gevent.monkey', lambda module: self.sockets.watch_class(module.get_original('socket', 'socket'), 'socket'))
        events.start()

    def _policy(self) -> Any:
        return self._redaction or Redaction(self.settings.strict, self.settings.fingerprint_key)

    def _apply(self, settings: Settings) -> None:
        self.settings = settings
        self.recorder.redaction = self._policy()
        self.recorder.disabled = frozenset(settings.disabled)
        self.recorder.enabled = settings.enabled and not self._unwanted

    def _answer(self) -> None:
        settings = self.settings
        self.writer.record(
            {
                'kind': 'settings', 'time': now(), 'generation': settings.generation, 'enabled': settings.enabled,
                'strict': settings.strict, 'disabled': settings.disabled,
            }  # fmt: skip
        )

    def _hello(self, segment: int) -> dict[str, Any]:
        return {
            'kind': 'hello', 'time': now(), 'mono': time.monotonic_ns() // 1000, 'v': 1, 'app': self._app,
            'pid': os.getpid(), 'ppid': os.getppid(), 'thread': 0, 'uid': os.getuid(), 'gid': os.getgid(),
            'segment': segment, 'runtime': 'python/%d.%d.%d' % sys.version_info[:3], 'agent': __version__,
            'digest': self._digest, 'loaded': self._loaded, 'late': [], 'channels': list(CHANNELS),
            'disabled': list(self.settings.disabled), 'boot': _boot(), 'script': _script(),
        }  # fmt: skip

    # The second hand

    def _start_loop(self) -> None:
        start, sleep = _native('_thread', 'start_new_thread'), _native('time', 'sleep')
        start(self._loop, (self.writer.pid, sleep))

    def _loop(self, pid: int, sleep: Any) -> None:
        seconds = 0
        each = self.guards.guarded('agent.second', self._second)
        while self.writer.pid == pid and not self.writer.closed:
            sleep(1)
            seconds += 1
            each(seconds % _BEAT_S == 0)

    def _second(self, beat: bool) -> None:
        self.look_whether_wanted()
        settings = self._settings_file.poll()
        if settings is not None and settings.generation != self.settings.generation:
            was_on = self.settings.enabled
            self._apply(settings)
            self._answer()
            if was_on and not settings.enabled:
                self.recorder.gap('disabled', 'Capture was switched off by the settings.', 1)
        if beat:
            self.writer.check()
            self.recorder.tell_faults()
            self.writer.record(
                {'kind': 'beat', 'time': now(), 'records': self.writer.records, 'faults': self.guards.faults}
            )
        self.writer.flush()

    def _forked(self) -> None:
        self.writer.after_fork()
        self.recorder.after_fork()
        self.sockets.after_fork()
        self.guards.after_fork()
        self._start_loop()

    def _exit(self) -> None:
        try:
            for connection in list(self.recorder.connections.values()):
                self.recorder.close(connection)
            for connection in list(self.sockets.flows.values()):
                self.recorder.close(connection)
            self.recorder.tell_faults()
            self.writer.flush()
            if self.writer.records > 0:
                self.writer.intent(self.writer.bye('exit', None))
            self.writer.closed = True
        except Exception:
            self.guards.faults += 1


def _native(module: str, name: str) -> Any:
    """The function of the platform, also where gevent put its own in place."""
    monkey = sys.modules.get('gevent.monkey')
    if monkey is not None:
        return monkey.get_original(module, name)
    return getattr(__import__(module), name)


def _script() -> str | None:
    file = getattr(sys.modules.get('__main__'), '__file__', None)
    return os.path.basename(file) if file else None


def _make(folder: str, mode: int) -> None:
    try:
        os.mkdir(folder)
        os.chmod(folder, mode)
    except OSError:
        return


def _boot() -> str | None:
    try:
        with open('/proc/sys/kernel/random/boot_id', encoding='latin-1') as file:
            return file.read().strip()
    except OSError:
        return None


def _own_digest() -> str | None:
    """SHA-256 over the agent's files: name and content, in order of their names."""
    root = os.path.dirname(os.path.abspath(__file__))
    digest = hashlib.sha256()
    try:
        for folder, folders, files in sorted(os.walk(root)):
            folders.sort()
            for name in sorted(files):
                if name.endswith('.py'):
                    path = os.path.join(folder, name)
                    digest.update(os.path.relpath(path, root).encode() + b'\0')
                    with open(path, 'rb') as file:
                        digest.update(hashlib.sha256(file.read()).digest())
    except OSError:
        return None
    return digest.hexdigest()
