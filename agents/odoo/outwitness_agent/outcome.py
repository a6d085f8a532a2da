"""The end of a call in the words of docs/formats/event.md: `outcome` and, if it is a code, `error`."""

from __future__ import annotations

import errno
import socket
import ssl

_REFUSED = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNRESET}
_TIMEOUT = {errno.ETIMEDOUT}


def root_of(error: BaseException) -> BaseException:
    """Libraries wrap what happened: down to the first error of the system."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if isinstance(current, (OSError, socket.timeout)) and (current.errno is not None or _is_plain(current)):
            return current
        inner = current.__cause__ or current.__context__
        reason = getattr(current, 'reason', None)
        if isinstance(reason, BaseException):
            inner = reason
        if inner is None and current.args and isinstance(current.args[0], BaseException):
            inner = current.args[0]
        current = inner
    return error


def _is_plain(error: BaseException) -> bool:
    return isinstance(error, (socket.timeout, socket.gaierror, ssl.SSLError, ConnectionError))


def outcome_of(error: BaseException, established: bool) -> dict[str, str]:
    """How a call ended that raised."""
    root = root_of(error)
    if isinstance(root, (socket.timeout, TimeoutError)) or 'Timeout' in type(error).__name__:
        return {'outcome': 'timeout', 'error': 'ETIMEDOUT'}
    if isinstance(root, ssl.SSLError):
        return {'outcome': 'error', 'error': 'ERR_SSL'}
    if isinstance(root, socket.gaierror):
        return {'outcome': 'error', 'error': 'ENOTFOUND'}
    if isinstance(root, (GeneratorExit, KeyboardInterrupt, SystemExit)) or type(root).__name__ in (
        'CancelledError',
        'GreenletExit',
    ):
        return {'outcome': 'aborted'}
    number = root.errno if isinstance(root, OSError) else None
    if isinstance(number, int):
        code = errno.errorcode.get(number)
        if number in _TIMEOUT:
            return {'outcome': 'timeout', 'error': 'ETIMEDOUT'}
        if number in _REFUSED and not established:
            return {'outcome': 'refused', 'error': code or 'ECONNREFUSED'}
        return {'outcome': 'error', 'error': code} if code else {'outcome': 'error'}
    return {'outcome': 'error'}
