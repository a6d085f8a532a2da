from odoo import api, models


class ResGroups(models.Model):
    _inherit = 'res.groups'

    @api.model
    def _outwitness_place_groups(self):
        """Puts the two groups under their heading in the form of a user: by category up to Odoo 18, by privilege from 19 on."""
        if 'category_id' in self._fields:
            heading = {'category_id': self.env.ref('outwitness.category_outwitness').id}
        elif 'privilege_id' in self._fields:
            values = {'name': 'Network Audit', 'category_id': self.env.ref('outwitness.category_outwitness').id}
            record = {'xml_id': 'outwitness.privilege_outwitness', 'values': values, 'noupdate': True}
            heading = {'privilege_id': self.env['res.groups.privilege']._load_records([record]).id}
        else:
            return
        for name in ('group_audit', 'group_officer'):
            self.env.ref('outwitness.' + name).write(heading)
