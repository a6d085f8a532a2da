"""The Outwitness agent for Python servers: every call that leaves or enters the process becomes a record of the spool.

Standard library only, Python 3.8 or newer. It knows no host: an Odoo add-on, or any WSGI program, hands it its ports.

    import outwitness_agent
    outwitness_agent.install(app='shop')

See docs/formats/spool.md for what is written.
"""

from .install import install
from .version import __version__

__all__ = ['__version__', 'install']
