"""Which addon a source file belongs to: by the addons paths alone, never by a database query. No odoo import."""

import ast
import os

from outwitness_agent.attribution import Attributor, Owner

#: The glue's frames that stand under every request: they carry it and make no call. Any other file of the add-on counts.
_HOOKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'loading.py')


class AddonAttributor(Attributor):
    """The Attributor port for Odoo.

    `addons_paths` is the live list (`odoo.addons.__path__`), `core` the folder of the package `odoo`, `version` its release. Responsible is the nearest addon on the stack; libraries outside of any addon stand in `via`; without an addon it is `(odoo)`.
    """

    def __init__(self, addons_paths, core, version):
        super().__init__()
        self._addons_paths = addons_paths
        self._core = os.path.realpath(core) + os.sep
        self._version = version
        self._addons = {}

    def owner_of(self, file):
        if os.path.abspath(file) == _HOOKS:
            return Owner('(python)', 'platform')
        real = os.path.realpath(file)
        best = ''
        for path in self._addons_paths:
            folder = os.path.realpath(path) + os.sep
            if real.startswith(folder) and len(folder) > len(best):
                best = folder
        if best:
            name = real[len(best) :].split(os.sep, 1)[0]
            owner = self._addon(os.path.join(best, name), name)
            if owner is not None:
                return owner
        if real.startswith(self._core):
            return Owner('(odoo)', 'core', os.path.dirname(self._core.rstrip(os.sep)), self._version, 'Odoo S.A.')
        if os.path.basename(real) in ('odoo-bin', 'odoo'):
            return Owner('(odoo)', 'core', os.path.dirname(real), self._version, 'Odoo S.A.')
        owner = super().owner_of(file)
        if owner.kind == 'own':
            return Owner(owner.name if owner.name != '(app)' else '(python)', 'library', owner.root, owner.version)
        return owner

    def _addon(self, folder, name):
        if folder in self._addons:
            return self._addons[folder]
        owner = None
        manifest = _manifest(folder)
        if manifest is not None:
            author = manifest.get('author')
            owner = Owner(
                name,
                'own',
                folder,
                str(manifest.get('version') or '') or None,
                ', '.join(map(str, author)) if isinstance(author, (list, tuple)) else str(author or '') or None,
                _egress(folder),
            )
        self._addons[folder] = owner
        return owner

    def _origin(self, found, weak, via, chain):
        origin = super()._origin(found, weak, via, chain)
        if found is None and weak is not None and weak[0].kind == 'core' and via and _only_runs(weak[1]):
            origin['basis'] = 'transport'
        if origin.get('basis') == 'transport' and weak is not None and weak[0].kind != 'core':
            # A library that nobody's addon called: the thread of a library, a worker of a pool.
            origin['package'] = '(python)'
            origin.pop('packageVersion', None)
            origin['_owner'] = Owner('(python)', 'library')
        return origin


def _only_runs(frame):
    """Odoo runs what it was given (a list of things to do after a commit): its code names no library that sends."""
    names = set(frame.f_code.co_names)
    return not any(word in name.lower() for name in names for word in _SENDING)


_SENDING = ('request', 'get', 'post', 'put', 'urlopen', 'smtp', 'session', 'connect', 'send', 'client', 'open')


def _manifest(folder):
    for name in ('__manifest__.py', '__openerp__.py'):
        try:
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                manifest = ast.literal_eval(file.read())
        except (OSError, ValueError, SyntaxError):
            continue
        if isinstance(manifest, dict):
            return manifest
    return None


def _egress(folder):
    """The addon's egress manifest (docs/reference/manifest.md): `egress.json` beside its `__manifest__.py`."""
    try:
        with open(os.path.join(folder, 'egress.json'), encoding='utf-8') as file:
            return file.read(32768)
    except (OSError, UnicodeDecodeError):
        return None
