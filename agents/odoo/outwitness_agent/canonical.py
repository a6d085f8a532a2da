"""Canonical JSON, cleaning and frames (docs/formats/event.md and spool.md)."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from .fields import LISTS, MAX_RECORD_BYTES, STRINGS

_ORDINARY = re.compile(r'[ -~]*\Z')
#: Stands in JSON as it is.
_PLAIN = re.compile(r'[ !#-\[\]-~]*\Z')
_UNFIT = re.compile('[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_PAIR = re.compile('[\ud800-\udbff][\udc00-\udfff]')
_UNPAIRED = re.compile('[\ud800-\udfff]')
_encode = json.JSONEncoder(sort_keys=True, separators=(',', ':'), ensure_ascii=False, allow_nan=False).encode


def clean(value: str, limit: int) -> str:
    """Well-formed, control characters and lone surrogates → U+FFFD, at most `limit` bytes, no code point cut in two."""
    if _ORDINARY.match(value):
        return value[:limit]
    value = _joined(value)
    value = _UNFIT.sub('\ufffd', value)
    data = value.encode('utf-8')
    return value if len(data) <= limit else data[:limit].decode('utf-8', 'ignore')


def utf8(value: str) -> bytes:
    """Of any text: a pair of surrogates is its character, one alone is U+FFFD."""
    try:
        return value.encode('utf-8')
    except UnicodeEncodeError:
        return _UNPAIRED.sub('\ufffd', _joined(value)).encode('utf-8')


def _joined(value: str) -> str:
    return _PAIR.sub(lambda pair: pair.group().encode('utf-16', 'surrogatepass').decode('utf-16'), value)


def frame(record: dict[str, Any], number: int) -> bytes:
    """One record, cleaned and cut, as the line that stands in the file. A member that is None is left out, and one whose name begins with `_`."""
    payload = _ordinary(record, number) or _cleaned_record(record, number)
    return b'%d %08x %s\n' % (len(payload), zlib.crc32(payload), payload)


#: Names of a record → the same in order. Few: each place that writes records has its own.
_orders: dict[tuple[str, ...], tuple[str, ...]] = {}
#: (name, value) → the member as it is written, of what fits as it is; the same few come again and again.
_members: dict[tuple[str, Any], str] = {}
_MOST_MEMBERS = 8192
#: Nearly every record has another one: remembering them would drive out the others.
_UNIQUE = frozenset(('fingerprint', 'certSha256'))


def _ordinary(record: dict[str, Any], number: int) -> bytes | None:
    """The payload of a record with nothing to clean or cut, as nearly all are; None of any other."""
    names = tuple(record)
    order = _orders.get(names)
    if order is None:
        if len(_orders) > 512:
            _orders.clear()
        order = _orders[names] = tuple(sorted({*(name for name in names if name[0] != '_'), 'n'}))
    parts = []
    for name in order:
        if name == 'n':
            parts.append('"n":%d' % number)
            continue
        value = record[name]
        kind = type(value)
        if kind is int:
            parts.append('"%s":%d' % (name, value))
        elif kind is str or kind is tuple:
            member = _members.get((name, value))
            if member is None:
                member = _member(name, value)
                if member is None:
                    return None
            parts.append(member)
        elif value is None:
            continue
        elif kind is bool:
            parts.append('"%s":true' % name if value else '"%s":false' % name)
        else:
            return None
    payload = ','.join(parts)
    return ('{' + payload + '}').encode('ascii') if len(payload) < MAX_RECORD_BYTES - 2 else None


def _member(name: str, value: Any) -> str | None:
    if isinstance(value, str):
        if len(value) > STRINGS.get(name, MAX_RECORD_BYTES) or not _PLAIN.match(value):
            return None
        member = '"%s":"%s"' % (name, value)
    else:
        count, limit = LISTS.get(name, (0, 0))
        if name == 'cut' or len(value) > count:
            return None
        if not all(type(item) is str and len(item) <= limit and _PLAIN.match(item) for item in value):
            return None
        member = '"%s":[%s]' % (name, ','.join(['"%s"' % item for item in value]))
    if name not in _UNIQUE:
        if len(_members) > _MOST_MEMBERS:
            _members.clear()
        _members[name, value] = member
    return member


def _cleaned_record(record: dict[str, Any], number: int) -> bytes:
    cut: list[str] = list(record.get('cut', ()))
    out: dict[str, Any] = {'n': number}
    for name, value in record.items():
        if value is None or name == 'cut' or name[0] == '_':
            continue
        if name in STRINGS and isinstance(value, str):
            out[name] = _cleaned(name, value, STRINGS[name], cut)
        elif name in LISTS:
            count, limit = LISTS[name]
            if len(value) > count and name not in cut:
                cut.append(name)
            out[name] = [_cleaned(name, item, limit, cut) for item in value[:count]]
        else:
            out[name] = value
    if cut or record.get('cut') is not None:
        out['cut'] = sorted(cut)
    payload = _encode(out).encode('utf-8')
    while len(payload) > MAX_RECORD_BYTES:
        longest = max((name for name in out if isinstance(out[name], str)), key=lambda name: len(out[name]))
        del out[longest]
        out['cut'] = sorted({*out.get('cut', ()), longest})
        payload = _encode(out).encode('utf-8')
    return payload


def _cleaned(name: str, value: str, limit: int, cut: list[str]) -> str:
    cleaned = clean(value, limit)
    if len(cleaned) < len(value) and name not in cut:
        # A pair of surrogates that became one character is shorter too, and nothing was cut.
        if len(cleaned) < len(_PAIR.sub('x', value)):
            cut.append(name)
    return cleaned
