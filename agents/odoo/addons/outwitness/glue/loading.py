"""Puts the agent into a running Odoo: by `--load` before anything else, or by an ordinary install. Idempotent."""

import functools
import logging
import os
import sys

_logger = logging.getLogger(__name__)
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_agent = None


def post_load():
    """Called by Odoo when the module is loaded server-wide, and by `ir.http` when it was only installed."""
    global _agent
    if _agent is not None:
        _agent.look_whether_wanted()
        return _agent
    try:
        _agent = _install()
    except Exception:  # whatever fails here, the server starts
        _logger.exception('Outwitness could not be put in place: this server is not watched')
    return _agent


def _install():
    _find_agent()
    import odoo.addons
    import odoo.http
    import outwitness_agent
    from odoo import release

    from .addons import AddonAttributor

    attributor = AddonAttributor(odoo.addons.__path__, os.path.dirname(odoo.http.__file__), release.version)
    server_wide = _is_server_wide()
    agent = outwitness_agent.install(
        app=os.environ.get('OUTWITNESS_APP') or 'odoo',
        attributor=attributor,
        loaded='register' if server_wide else 'hook',
        wanted=None if server_wide else _some_database_has_it,
    )
    _watch_requests(odoo.http.Application, agent, release.version)
    return agent


def _is_server_wide():
    from odoo.tools import config

    modules = config['server_wide_modules'] or ''
    # A text with commas up to Odoo 18, a list from 19 on.
    names = modules.split(',') if isinstance(modules, str) else modules
    return 'outwitness' in [name.strip() for name in names]


def _some_database_has_it():
    """Whether the add-on is installed in a database that this process has loaded; None while one is being loaded.

    Read without a lock: it is asked beside the requests, which must not wait.
    """
    from odoo.modules.registry import Registry

    held = Registry.registries
    registries = list((held.d if hasattr(held, 'd') else held._values).values())
    if not registries or not all(registry.ready for registry in registries):
        return None
    return any('outwitness' in registry._init_modules for registry in registries)


def _find_agent():
    """The package is installed, or lies where the repository has it: two folders up."""
    try:
        import outwitness_agent  # noqa: F401
    except ImportError:
        sys.path.append(os.path.dirname(os.path.dirname(_HERE)))


def _watch_requests(application, agent, version):
    from outwitness_agent.attribution import Owner

    original = application.__call__
    # Odoo listens; the addon that answers is told by its own calls.
    origin = {'package': '(odoo)', 'packageVersion': version, 'basis': 'host', '_owner': Owner('(odoo)', 'core', '', version, 'Odoo S.A.')}
    answered = {}

    @functools.wraps(original)
    def __call__(self, environ, start_response):
        middleware = answered.get(id(self))
        if middleware is None:
            middleware = answered[id(self)] = agent.middleware(functools.partial(original, self), origin)
        return middleware(environ, start_response)

    application.__call__ = __call__
