{
    'name': 'Outwitness',
    'summary': 'Every call of this server, the addon that made it, and a record that proves it',
    # Odoo puts its own series in front: the same files load on 16, 17, 18 and 19.
    'version': '0.1.0',
    'author': 'Outwitness',
    'license': 'Other OSI approved licence',
    'category': 'Technical',
    'depends': ['base', 'web'],
    'data': [
        'security/groups.xml',
        'security/ir.model.access.csv',
        'views/settings.xml',
        'views/menus.xml',
    ],
    'post_load': 'post_load',
    'uninstall_hook': 'uninstall_hook',
    'installable': True,
    'application': True,
}
