"""Canonical JSON, cleaning and frames (docs/formats/event.md and spool.md)."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from .fields import LISTS, MAX_RECORD_BYTES, STRINGS

_ORDINARY = re.compile(r'[ -~]*\Z')
_UNFIT = re.compile('[\u0000-\u001f\u007f-\u009f\ud800-\udfff]')
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
    """One record, cleaned and cut, as the line that stands in the file. A member that is None is left out."""
    cut: list[str] = list(record.get('cut', ()))
    out: dict[str, Any] = {'n': number}
    for name, value in record.items():
        if value is None or name == 'cut':
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
    return b'%d %08x %s\n' % (len(payload), zlib.crc32(payload), payload)


def _cleaned(name: str, value: str, limit: int, cut: list[str]) -> str:
    cleaned = clean(value, limit)
    if len(cleaned) < len(value) and name not in cut:
        # A pair of surrogates that became one character is shorter too, and nothing was cut.
        if len(cleaned) < len(_PAIR.sub('x', value)):
            cut.append(name)
    return cleaned
