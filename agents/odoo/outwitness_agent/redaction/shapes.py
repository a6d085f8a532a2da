"""Tells kinds of text by their shape: a name, a number, something made for one case."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from .words import is_listed

VALUE = '{value}'

_A = re.ASCII
_UUID = re.compile(r'\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?\Z', re.I | _A)
_NUMBER = re.compile(r'[+-]?[0-9][0-9.,:+-]*\Z', _A)
_HEX = re.compile(r'(0x)?[0-9a-f]{8,}\Z', re.I | _A)
#: White space as ECMAScript knows it, so that both agents agree.
_SPACE = '\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
_EMAIL = re.compile('[^@%s]+@[^@%s]+\\Z' % (_SPACE, _SPACE))
_TOKEN = re.compile(r'[\w.~+/=:%-]{16,}\Z', _A)
_API_VERSION = re.compile(r'v[0-9]{1,2}(\.[0-9]{1,2}){0,2}((alpha|beta|rc)[0-9]{0,2})?\Z', _A)
_WORDS = re.compile(r'\.?[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*\Z', _A)
_JOINT = re.compile(r'[-_.]|(?<=[a-z0-9])(?=[A-Z])')
_MOST_WORDS = 3
_LONGEST_KEPT = 48


@lru_cache(4096)
def classify_segment(raw: str) -> str:
    """What may be kept of one path segment: itself if it says no more than an operation's name does, else what it was."""
    if raw == '' or _is_plain(raw):
        return raw
    return placeholder(decode(raw) if '%' in raw else raw)


def _is_plain(segment: str) -> bool:
    if len(segment) > _LONGEST_KEPT:
        return False
    if _API_VERSION.match(segment):
        return True
    if not _WORDS.match(segment):
        return False
    words = _JOINT.split(segment[1:] if segment.startswith('.') else segment)
    return len(words) <= _MOST_WORDS and all(is_listed(word.lower()) for word in words)


def placeholder(text: str) -> str:
    """What kind of value a text is."""
    if _NUMBER.match(text):
        return '{n}'
    if _UUID.match(text):
        return '{uuid}'
    if _HEX.match(text) and re.search('[0-9]', text):
        return '{hex}'
    if _EMAIL.match(text):
        return '{email}'
    if _TOKEN.match(text):
        digit, lower, upper = (re.search(part, text) for part in ('[0-9]', '[a-z]', '[A-Z]'))
        if (digit and (lower or upper)) or (lower and upper):
            return '{token}'
    return '{s}'


def decode(raw: str) -> str:
    """Percent decoding; text that is not well encoded stays."""
    if re.search('%(?![0-9A-Fa-f]{2})', raw):
        return raw
    try:
        return unquote_to_bytes(raw).decode('utf-8')
    except UnicodeError:
        return raw


def is_id_shaped(text: str) -> bool:
    """Does a part of a name look like it was made for one person, request or device?"""
    if re.search('[0-9]{4,}', text) or '@' in text:
        return True
    if re.search('[0-9A-Fa-f]{8,}', text) and re.search('[0-9]', text):
        return True
    for run in re.split('[^A-Za-z0-9]+', text):
        mixed = re.search('[0-9]', run) and re.search('[A-Za-z]', run)
        if len(run) >= 8 and mixed and not re.match(r'[A-Za-z]+[0-9]{1,3}\Z', run):
            return True
        if len(run) >= 24:
            return True
    return placeholder(text) in ('{uuid}', '{hex}')
