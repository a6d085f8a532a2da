from odoo import models

from ..glue.loading import post_load


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    def _register_hook(self):
        """Where the server was not started with `--load`, each worker is watched from here on."""
        super()._register_hook()
        post_load()
