import json

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..glue import collector

#: Name here → name in the collector's settings.
NAMES = {
    'enabled': 'enabled',
    'strict': 'strict',
    'retention': 'retention',
    'disabled_channels': 'disabledChannels',
}


class OutwitnessSettings(models.TransientModel):
    """Settings of the collector, as it has them while the form is open. Nothing of it is kept in Odoo."""

    _name = 'outwitness.settings'
    _description = 'Network Audit Settings'

    enabled = fields.Boolean('Capture', help='Switching it off is a gap in the record, which the report shows.')
    strict = fields.Boolean('Strict redaction', help='Of paths only their depth is kept, and of hosts the domain.')
    retention = fields.Integer('Days until texts are dropped', help='0 = never. The hashes stay, so the record can always be verified.')
    disabled_channels = fields.Char('Disabled channels', help='Names with commas between them, such as: dns, udp. Empty = all are watched.')
    shown = fields.Char(help='What the collector had when the form was opened: only what differs is sent.')
    note = fields.Text('What these are', readonly=True)

    @api.model
    def open_form(self):
        """The action of the menu: a form to change, a form to read, or why there is neither."""
        self._require_administrator()
        try:
            answer = collector.settings()
        except collector.NotAnswered as error:
            return self._form('settings_form_unanswered', {'note': '%s\n%s' % (error.fact, error.advice)})
        values = _values(answer['settings'])
        fixed = [one['name'] for one in answer['settings'] if one['fixed']]
        words = [_('These are settings of the collector. Each change is a row of the record.')]
        if fixed:
            words.append(_('Set where the collector is started, and not to be changed here: %s.') % ', '.join(fixed))
        if not answer['mayChange']:
            words.append(_('This server may not change them. Allow it with: outwitness admin issuer odoo --role operator --settings'))
        values.update(shown=json.dumps(values), note='\n'.join(words))
        return self._form('settings_form' if answer['mayChange'] else 'settings_form_read', values)

    def action_save(self):
        self.ensure_one()
        self._require_administrator()
        before = json.loads(self.shown or '{}')
        changes = {NAMES[name]: _sent(name, self[name]) for name in NAMES if self[name] != before.get(name)}
        if changes:
            user = self.env.user
            try:
                collector.change(collector.user_named(user.login, user.id), changes)
            except collector.NotAnswered as error:
                raise UserError('%s\n%s' % (error.fact, error.advice)) from None
        return {'type': 'ir.actions.act_window_close'}

    def action_open(self):
        return {'type': 'ir.actions.act_url', 'target': 'new', 'url': '/outwitness/open/settings'}

    def _form(self, view, values):
        return {
            'type': 'ir.actions.act_window',
            'name': _('Network Audit Settings'),
            'res_model': self._name,
            'res_id': self.create(values).id,
            'views': [(self.env.ref('outwitness.' + view).id, 'form')],
            'target': 'new',
        }

    def _require_administrator(self):
        if not self.env.user.has_group('base.group_system'):
            raise AccessError(_('Only an administrator (Administration / Settings) opens the settings of Network Audit.'))


def _values(settings):
    values = {one['name']: one['value'] for one in settings}
    return {
        'enabled': values.get('enabled') is True,
        'strict': values.get('strict') is True,
        'retention': int(values.get('retention') or 0),
        'disabled_channels': ', '.join(values.get('disabledChannels') or []),
    }


def _sent(name, value):
    if name != 'disabled_channels':
        return value
    return [part.strip() for part in (value or '').split(',') if part.strip()]
