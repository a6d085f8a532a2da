"""What goes with the add-on when it is uninstalled. Its records, groups and menus Odoo removes by itself."""


def uninstall_hook(env_or_cursor, registry=None):
    """Odoo 16 hands over a cursor and the registry, 17 and later an environment.

    The hooks in the running processes end by themselves (`loading.py`): each sees that no database has the add-on any more, and says so in the record.
    """
    if registry is None:
        env = env_or_cursor
    else:
        from odoo import SUPERUSER_ID, api

        env = api.Environment(env_or_cursor, SUPERUSER_ID, {})
    env['ir.config_parameter'].sudo().search([('key', '=like', 'outwitness.%')]).unlink()
