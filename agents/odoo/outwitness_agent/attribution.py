"""Who made a call: the nearest frame that is not a library which only carries calls (DESIGN of the Node agent, the same words)."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from typing import Any

from .redaction.shapes import is_id_shaped

#: Top-level modules that carry other people's calls. Their frames are passed over, and named in `via`.
TRANSPORTS = frozenset(
    'requests urllib3 httpx httpcore h11 h2 anyio sniffio aiohttp requests_toolbelt requests_oauthlib oauthlib zeep '
    'suds httplib2 paramiko pysftp redis pymongo pika ldap3 boto3 botocore s3transfer websocket websockets wsproto '
    'gevent greenlet eventlet tenacity retrying backoff werkzeug gunicorn waitress cheroot'.split()
)
_MOST_FRAMES = 64
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STDLIB = tuple(
    {
        os.path.realpath(path) + os.sep
        for path in (sysconfig.get_path('stdlib'), sysconfig.get_path('platstdlib'), os.path.dirname(os.__file__))
        if path
    }
)
#: A function's name is program text, but one may be made of data: only what looks like code is kept.
_FUNCTION = re.compile(r'[\w.<>]{1,64}\Z', re.ASCII)
_EVENT_LOOP = os.path.join('asyncio', 'events.py')
_SITE = re.compile(r'[/\\](?:site|dist)-packages[/\\]([^/\\]+)')


class Owner:
    """The package to which a source file belongs. `kind`: `own`, `library`, `transport`, `platform`, `core` or `evaluated`."""

    __slots__ = ('name', 'version', 'author', 'root', 'kind', 'manifest')

    def __init__(
        self,
        name: str,
        kind: str,
        root: str = '',
        version: str | None = None,
        author: str | None = None,
        manifest: str | None = None,
    ) -> None:
        self.name, self.kind, self.root = name, kind, root
        self.version, self.author, self.manifest = version, author, manifest


class Attributor:
    """The Attributor port. A host's own names the host's units by overriding `owner_of`."""

    def __init__(self) -> None:
        self._owners: dict[str, Owner] = {}
        self._sites: dict[Any, str] = {}
        #: Owner, code and line of whoever handed over what runs right now (callers.py).
        self.handed_over: Any = lambda: None
        self.pkg: Any = None

    def owner_of(self, file: str) -> Owner:
        """The package of an absolute path; called once per file."""
        match = _SITE.search(file)
        if match:
            top = match.group(1)
            top = top[:-3] if top.endswith('.py') else top
            if top in TRANSPORTS:
                return Owner(top, 'transport', file[: match.end(1)])
            return Owner(top, 'own', file[: match.end(1)], _version_of(top))
        real = os.path.realpath(file)
        if real.startswith(_STDLIB):
            return Owner('(python)', 'platform')
        return Owner('(app)', 'own', os.path.dirname(os.path.abspath(getattr(sys.modules.get('__main__'), '__file__', None) or '.')))

    def owner(self, file: str) -> Owner:
        found = self._owners.get(file)
        if found is None:
            found = _no_file(file) or self.owner_of(os.path.abspath(file))
            if len(self._owners) > 20000:
                self._owners.clear()
            self._owners[file] = found
        return found

    def capture(self) -> dict[str, Any]:
        """`package`, `packageVersion`, `site`, `via`, `chain`, `basis` of whoever is calling right now."""
        frame: Any = sys._getframe(1)
        owners = self._owners
        file = ''
        via: list[str] = []
        chain: list[str] = []
        found: Any = None
        weak: Any = None
        typed: Any = None
        depth = 0
        kind = ''
        while frame is not None and depth < _MOST_FRAMES:
            before, file = file, frame.f_code.co_filename
            depth += 1
            if file is before and (found is not None or kind == 'platform'):
                frame = frame.f_back
                continue
            owner = owners.get(file) or self.owner(file)
            kind = owner.kind
            if kind == 'evaluated':
                typed = (owner, frame)
            elif kind == 'platform':
                # Below this frame stands whoever runs the loop, not whoever made the task.
                if found is None and frame.f_code.co_name == '_run' and file.endswith(_EVENT_LOOP):
                    handed = self.handed_over()
                    if handed is not None:
                        return self._origin_of_caller(*handed, via, chain)
            else:
                if owner.name not in chain:
                    chain.append(owner.name)
                if found is None:
                    if kind == 'own':
                        found = (owner, frame)
                    elif kind == 'core' and (weak is None or weak[0].kind != 'core'):
                        weak = (owner, frame)
                    elif weak is None or (weak[0].kind != 'core' and kind in ('transport', 'library')):
                        weak = (owner, frame)
                    if kind in ('transport', 'library') and owner.name not in via:
                        via.append(owner.name)
            frame = frame.f_back
        if found is None and (weak is None or weak[0].kind != 'core'):
            handed = self.handed_over()
            if handed is not None:
                return self._origin_of_caller(*handed, via, chain)
        return self._origin(found or (typed if weak is None else None), weak, via, chain)

    def caller(self, itself: bool = False) -> Any:
        """Owner, code and line of the nearest frame that is somebody's own, or of whoever handed over what runs. `itself`: only if no library stands between."""
        frame: Any = sys._getframe(1)
        owners = self._owners
        for _ in range(_MOST_FRAMES):
            if frame is None:
                break
            file = frame.f_code.co_filename
            owner = owners.get(file) or self.owner(file)
            if owner.kind == 'own':
                return owner, frame.f_code, frame.f_lineno
            if owner.kind == 'core' or (itself and owner.kind not in ('platform', 'evaluated')):
                return None
            frame = frame.f_back
        return self.handed_over()

    def _origin_of_caller(self, owner: Owner, code: Any, line: int, via: list[str], chain: list[str]) -> dict[str, Any]:
        origin = {
            'package': owner.name, 'basis': 'async', 'site': self._site(owner, code, line),
            'chain': tuple(chain if owner.name in chain else [*chain, owner.name]), PKG: owner,
        }  # fmt: skip
        if owner.version:
            origin['packageVersion'] = owner.version
        if via:
            origin['via'] = tuple(via)
        return origin

    def _origin(self, found: Any, weak: Any, via: list[str], chain: list[str]) -> dict[str, Any]:
        basis = 'stack'
        if found is None:
            if weak is None:
                return {'basis': 'none'}
            found = weak
            basis = 'stack' if weak[0].kind == 'core' else 'transport'
            via = [name for name in via if name != weak[0].name]
        owner, frame = found
        origin = {'package': owner.name, 'basis': basis, 'site': self._site(owner, frame.f_code, frame.f_lineno), 'chain': tuple(chain)}
        if owner.version:
            origin['packageVersion'] = owner.version
        if via:
            origin['via'] = tuple(via)
        origin[PKG] = owner
        return origin


    def _site(self, owner: Owner, code: Any, line: int) -> str:
        key = (code.co_filename, line, code.co_name, owner.root)
        site = self._sites.get(key)
        if site is None:
            if len(self._sites) > 20000:
                self._sites.clear()
            site = self._sites[key] = site_of(owner, code, line)
        return site


#: Under this key an origin carries its Owner to the recorder, which writes `pkg` from it.
PKG = '_owner'


def site_of(owner: Owner, code: Any, line: int) -> str:
    """`<path inside the package>:line:col function`; Python tells no column, which is written 0. Never an absolute path."""
    file = os.path.abspath(code.co_filename)
    inside = os.path.relpath(file, owner.root) if owner.root else os.path.basename(file)
    if inside.startswith('..') or inside == '.':
        inside = os.path.basename(file)
    if owner.kind == 'evaluated':
        inside = '[eval]'
    name = code.co_name
    kept = ' ' + name if _FUNCTION.match(name) and not is_id_shaped(name) else ''
    return '%s:%d:0%s' % (inside.replace(os.sep, '/'), line, kept)


def _no_file(file: str) -> Owner | None:
    """What is not to be looked up. Evaluated code belongs to the file that evaluated it, whatever it calls itself."""
    if file.startswith((_OWN, '<frozen')):
        return Owner('(python)', 'platform')
    if os.path.isfile(file):
        return None
    return Owner('(app)', 'evaluated') if not os.path.isabs(file) else None


def _version_of(module: str) -> str | None:
    try:
        from importlib import metadata

        return metadata.version(module)
    except Exception:
        return None
