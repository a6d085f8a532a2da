"""The default policy: what of a target, a header, a host, a file may be written down."""

from __future__ import annotations

import hashlib
import os
import re
from functools import lru_cache
from typing import Any

from ..canonical import utf8
from .network_programs import are_network_programs
from .shapes import VALUE, classify_segment, decode, is_id_shaped, placeholder

_KEY = re.compile(r'[A-Za-z_$][\w$.:\[\]-]{0,63}\Z', re.ASCII)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]{1,64}\Z", re.ASCII)
_ABSOLUTE = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*://[^/]*')
_PEOPLE = re.compile(r'(home|users?|profiles?|mail|accounts?|customers?|documents and settings)\Z', re.I | re.ASCII)
_FILE = re.compile(r'[\w.+@~-]{1,64}\Z', re.ASCII)
_SHARED = re.compile(r'(?:ac|co|com|edu|gov|net|or|org|\w{2})\Z', re.ASCII)
_HOST = re.compile(r'[A-Za-z0-9._~*-]+\Z', re.ASCII)
_ADDRESS = re.compile(r'[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?\Z', re.ASCII)
_METHODS = frozenset(
    'GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH '
    'PURGE LINK UNLINK BIND REBIND UNBIND ACL CHECKOUT MERGE NOTIFY SUBSCRIBE UNSUBSCRIBE MKACTIVITY MKCALENDAR '
    'M-SEARCH SOURCE QUERY'.split()
)
_MOST_SEGMENTS = 64
_MOST_KEYS = 64
_MOST_NAMES = 101
_STANDARD = frozenset(
    """
    accept accept-charset accept-encoding accept-language accept-ranges age allow alt-svc authorization cache-control
    connection content-disposition content-encoding content-language content-length content-location content-range
    content-security-policy content-type cookie date dnt etag expect expires forwarded from host if-match
    if-modified-since if-none-match if-range if-unmodified-since keep-alive last-modified link location max-forwards
    origin pragma prefer proxy-authenticate proxy-authorization proxy-connection range referer referrer-policy
    retry-after sec-fetch-dest sec-fetch-mode sec-fetch-site sec-websocket-accept sec-websocket-extensions
    sec-websocket-key sec-websocket-protocol sec-websocket-version server set-cookie strict-transport-security te
    trailer transfer-encoding upgrade user-agent vary via warning www-authenticate x-content-type-options
    x-forwarded-for x-forwarded-host x-forwarded-proto x-frame-options
    """.split()
)


class Redaction:
    """The RedactionPolicy port. `key` is the fingerprint's; without one the process makes its own (prefix `p.`)."""

    def __init__(self, strict: bool = False, key: bytes | None = None) -> None:
        self.strict = strict
        self._prefix = '' if key is not None else 'p.'
        key = key if key is not None else os.urandom(32)
        key = hashlib.sha256(key).digest() if len(key) > 64 else key
        key = key.ljust(64, b'\0')
        self._inner = hashlib.sha256(bytes(b ^ 0x36 for b in key))
        #: Names of headers come in the same few lists.
        self.header_names = lru_cache(1024)(self._header_names)
        self.host = lru_cache(1024)(self._host)
        self._outer = hashlib.sha256(bytes(b ^ 0x5C for b in key))

    def target(self, method: str, scheme: str, host: str, port: int, raw: str) -> dict[str, object]:
        """`path`, `queryKeys` and `fingerprint` of a request target as it was sent."""
        raw = raw.partition('#')[0]
        path, _, query = raw.partition('?')
        if not path.startswith('/'):
            absolute = _ABSOLUTE.match(path)
            if absolute:
                path = path[absolute.end() :] or '/'
        keys = query_keys(query)
        return {
            'path': self._path(path),
            'queryKeys': (VALUE,) * len(keys) if self.strict else keys,
            'fingerprint': self._fingerprint(method, scheme, host, str(port), path, query),
        }

    def _path(self, path: str) -> str:
        if path in ('', '*', '/'):
            return path
        segments = path.split('/')
        kept = segments[: _MOST_SEGMENTS + 1]
        redacted = [(s and '{s}') if self.strict else classify_segment(s) for s in kept]
        return '/'.join(redacted) + ('/{s}' if len(segments) > _MOST_SEGMENTS + 1 else '')

    def _fingerprint(self, *fields: str) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        data = [utf8(field) for field in fields]
        inner.update(b''.join([b'%d:%s' % (len(part), part) for part in data]))
        outer.update(inner.digest())
        return self._prefix + outer.hexdigest()[:32]

    def _header_names(self, names: tuple[Any, ...]) -> tuple[str, ...]:
        """Names only: lower case, parts that look like ids masked, each once. Text, or bytes as they are sent."""
        kept: dict[str, None] = {}
        for name in names:
            lower = (name.decode('latin-1') if isinstance(name, bytes) else name).lower()
            if not _HEADER.match(lower) or (self.strict and lower not in _STANDARD):
                continue
            if is_id_shaped(lower):
                lower = '-'.join('*' if is_id_shaped(part) else part for part in lower.split('-'))
                lower = '*' if is_id_shaped(lower) else lower
            kept[lower] = None
            if len(kept) == _MOST_NAMES:
                break
        return tuple(kept)

    def method(self, method: str) -> str:
        """A word of the protocol, else `{s}`: whoever can choose a method could write anything there."""
        return method if method in _METHODS else '{s}'

    def _host(self, host: str) -> str:
        """The evidence: it stays. Text that cannot be a host does not."""
        host = host.rpartition('@')[2].strip('[]').rstrip('.').lower()
        if not host.isascii():
            host = _looked_up(host)
        if not (_HOST.match(host) or _ADDRESS.match(host)):
            return '{s}' if host else ''
        return _strict_host(host) if self.strict else host

    def local_path(self, path: str) -> str:
        """Of a unix socket, a program, a file: people and ids are masked."""
        if are_network_programs(path):
            return path
        if path.startswith('\0') and not self.strict:
            return '@' + self.local_path(path[1:])
        segments = path.replace('\\', '/').split('/')
        return '/'.join(
            self._local(segment, segments[i - 1] if i > 0 else '') for i, segment in enumerate(segments)
        )

    def _local(self, segment: str, before: str) -> str:
        if segment in ('', '.', '..'):
            return segment
        if self.strict:
            return '{s}'
        if _PEOPLE.match(before) and not _PEOPLE.match(segment):
            return '{n}' if segment.isdigit() else '{s}'
        if not _FILE.match(segment) and not re.match(r'[A-Za-z]:\Z', segment):
            return placeholder(segment)
        return placeholder(segment) if is_id_shaped(segment) else segment


def _looked_up(host: str) -> str:
    """A name in other letters, as Python's sockets look it up."""
    try:
        return host.encode('idna').decode('ascii')
    except UnicodeError:
        return host


def query_keys(query: str) -> tuple[str, ...]:
    """The keys, as they came, each once, never a value. A part without `=` is a value."""
    keys: dict[str, None] = {}
    for part in query.split('&'):
        if part == '':
            continue
        if len(keys) > _MOST_KEYS:
            break
        raw, equals, _ = part.partition('=')
        keys[raw if equals and len(raw) <= _MOST_KEYS * 3 and _is_name(raw) else VALUE] = None
    return tuple(keys)


@lru_cache(4096)
def _is_name(raw: str) -> bool:
    if re.search('%(?![0-9A-Fa-f]{2})', raw):
        return False
    key = decode(raw) if '%' in raw else raw
    return bool(_KEY.match(key)) and not is_id_shaped(key)


def _strict_host(host: str) -> str:
    if ':' in host or re.match(r'[0-9.]+\Z', host):
        return host
    labels = host.split('.')
    owned = 0 if len(labels) < 2 else 3 if len(labels[-1]) == 2 and _SHARED.match(labels[-2]) else 2
    return '.'.join(
        label if i >= len(labels) - owned or not is_id_shaped(label) else placeholder(label)
        for i, label in enumerate(labels)
    )
