"""The writer of one process: an append-only file in the spool directory (docs/formats/spool.md).

All threads of a process share one file under a lock: a threaded server makes a thread per request, and a file each would be thousands. A fork gets a file of its own.
On a crash: every `open` and `conn` that had to be on disk before bytes left is there; the ends that were still waiting are lost, and such calls show as `lost`.
"""

from __future__ import annotations

import os
import stat as stats
import time
from collections import deque
from _thread import RLock
from typing import Any, Callable

from .canonical import frame
from .fields import MAX_DIRECTORY_BYTES, MAX_PROCESS_BYTES, MAX_SEGMENT_BYTES

# Taken before the application can replace them.
_write, _open, _close, _fstat, _stat, _getpid = os.write, os.open, os.close, os.fstat, os.stat, os.getpid
_FLAGS = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | getattr(os, 'O_NOFOLLOW', 0) | os.O_CLOEXEC
_DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
_MOST_WAITING = 64


def base36(number: int) -> str:
    text = ''
    while number > 0 or text == '':
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


class Writer:
    """Numbers records and appends them. No method raises."""

    def __init__(self, directory: str, hello: Callable[[int], dict[str, Any]]) -> None:
        self._directory = directory
        self._hello = hello
        self._lock = RLock()
        self._begin_process()

    def _begin_process(self) -> None:
        self.pid: int = _getpid()
        self._name = '%d-0-%s-%s' % (self.pid, base36(int(time.time() * 1000)), os.urandom(4).hex())
        self._fd = -1
        self._identity: Any = None
        self._segment = -1
        self._number = 0
        self._segment_bytes = 0
        self._process_bytes = 0
        self._waiting: deque[dict[str, Any]] = deque()
        self._busy = False
        self._torn = False
        self._lost = 0
        self._lost_rows = 0
        self._lost_why = 'budget'
        self.records = 0
        self.packages: set[Any] = set()
        self.closed = False

    def after_fork(self) -> None:
        """In the child: another file, other numbers, and a lock that no vanished thread holds."""
        self._lock = RLock()
        fd = self._fd
        self._begin_process()
        if fd >= 0:
            try:
                _close(fd)
            except OSError:
                pass

    def intent(self, record: dict[str, Any]) -> None:
        """On return the record has been handed to the kernel."""
        with self._lock:
            self._waiting.append(record)
            self._flush()

    def record(self, record: dict[str, Any]) -> None:
        """May wait for the next intent, or the next second."""
        with self._lock:
            self._waiting.append(record)
            if len(self._waiting) >= _MOST_WAITING:
                self._flush()

    def flush(self) -> None:
        with self._lock:
            self._flush()

    def end(self, reason: str) -> None:
        """Another program is about to take the place of this one. If it does not, the next record begins a segment."""
        with self._lock:
            if self._busy:
                return
            self._waiting.append(self.bye(reason, None))
            self._flush()
            if self._fd >= 0 and self._is_ours():
                _close(self._fd)
            self._fd = -1

    def _flush(self) -> None:
        if self._busy:  # a destructor or signal handler came in between; whoever is writing takes it along
            return
        self._busy = True
        try:
            while self._waiting:
                if not self._ready():
                    self._drop()
                    return
                records = []
                while self._waiting:
                    records.append(self._waiting.popleft())
                if self._lost:
                    records.insert(0, self._told_loss())
                self._append(records)
        finally:
            self._busy = False

    def _append(self, records: list[dict[str, Any]]) -> None:
        first = self._number
        data = b''
        for record in records:
            data += frame(record, self._number)
            self._number += 1
        if self._torn:
            data = b'\n' + data
        written = 0
        try:
            while written < len(data):
                written += _write(self._fd, data[written:])
        except OSError:
            self._broke_off(records, first, data, written)
            return
        self._torn = False
        self.records += len(records)
        self._segment_bytes += len(data)
        self._process_bytes += len(data)

    def _broke_off(self, records: list[dict[str, Any]], first: int, data: bytes, written: int) -> None:
        """The torn record keeps its number; one of which nothing was written gives its number back."""
        lines = data[:written].count(b'\n') - (1 if self._torn and written > 0 else 0)
        torn = written > 0 and data[written - 1] != 10
        kept = max(0, lines) + (1 if torn else 0)
        self._number = first + kept
        self.records += max(0, lines)
        self._torn = torn
        self._lose(records[kept:], 'budget')

    def _drop(self) -> None:
        self._lose(list(self._waiting), self._lost_why)
        self._waiting.clear()

    def _lose(self, records: list[dict[str, Any]], why: str) -> None:
        for record in records:
            if record['kind'] == 'gap':
                self._lost += record.get('count', 0)
                self._lost_rows += record.get('missing', 0)
                continue
            self._lost += 1
            self._lost_rows += record['kind'] in ('open', 'conn')
        self._lost_why = why

    def _told_loss(self) -> dict[str, Any]:
        record = {
            'kind': 'gap', 'time': now(), 'event': self._lost_why, 'missing': self._lost_rows, 'count': self._lost,
            'text': 'Records could not be written: the disk was full or the spool out of reach.',
        }  # fmt: skip
        self._lost = self._lost_rows = 0
        return record

    def _ready(self) -> bool:
        """A file to write to: the open one, if it is still ours, else a new segment."""
        if self.pid != _getpid():  # a fork that no handler saw (os.fork of C code)
            self._begin_process()
        if self._process_bytes >= MAX_PROCESS_BYTES and self._undrained() >= MAX_PROCESS_BYTES:
            return False
        if self._fd >= 0:
            if self._segment_bytes < MAX_SEGMENT_BYTES and self._is_ours():
                return True
            rotate = self._is_ours()
            if rotate:
                self._append([self.bye('rotate', None)])
                _close(self._fd)
            # Else the number belongs to something of the application by now: it is left alone.
            self._fd = -1
        return self._open_segment()

    def _is_ours(self) -> bool:
        try:
            stat = _fstat(self._fd)
        except OSError:
            return False
        return (stat.st_dev, stat.st_ino) == self._identity

    def _open_segment(self) -> bool:
        segment = self._segment + 1
        path = os.path.join(self._directory, '%s.%d.spool' % (self._name, segment))
        try:
            fd = _open(path, _FLAGS, 0o640)
            stat = _fstat(fd)
        except OSError:
            return False
        self._fd, self._segment, self._identity = fd, segment, (stat.st_dev, stat.st_ino)
        self._path = path
        self._number = self._segment_bytes = 0
        self._torn = False
        self._append([self._hello(segment)])
        return True

    def check(self) -> None:
        """At each beat: is the file still where it was?"""
        with self._lock:
            if self._fd < 0 or self._busy:
                return
            try:
                stat = _stat(self._path)
                gone = (stat.st_dev, stat.st_ino) != self._identity or not stats.S_ISREG(stat.st_mode)
            except OSError:
                gone = True
            if gone:
                if self._is_ours():
                    _close(self._fd)
                self._fd = -1
                self._lost += 1
                self._lost_why = 'lost-spool'

    def _undrained(self) -> int:
        """Bytes of this process that lie in the directory; drained segments go after a day at most."""
        mine = total = 0
        try:
            for entry in os.scandir(self._directory):
                size = entry.stat(follow_symlinks=False).st_size
                total += size
                if entry.name.startswith(self._name):
                    mine += size
        except OSError:
            return 0
        if total >= MAX_DIRECTORY_BYTES:
            return MAX_PROCESS_BYTES
        self._process_bytes = mine
        return mine

    def bye(self, reason: str, code: int | None) -> dict[str, Any]:
        return {
            'kind': 'bye', 'time': now(), 'records': self.records + 1, 'faults': self.faults(), 'reason': reason,
            'code': code,
        }  # fmt: skip

    def faults(self) -> int:
        return 0


def now() -> int:
    """µs since 1970 UTC."""
    return time.time_ns() // 1000
