from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    outwitness_dashboard_url = fields.Char(
        string='Trust Report address',
        config_parameter='outwitness.dashboard_url',
        help='Where the collector serves its pages; what is printed by "outwitness run" or "outwitness serve".',
    )

    def action_outwitness_open(self):
        """Opens the settings of the collector: it alone writes them, and each change is a row."""
        return _open(self.env, '/settings')


def _open(env, page):
    base = env['ir.config_parameter'].sudo().get_param('outwitness.dashboard_url') or 'http://127.0.0.1:4711'
    return {'type': 'ir.actions.act_url', 'target': 'new', 'url': base.rstrip('/') + page}
