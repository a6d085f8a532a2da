{
    'name': 'Outwitness',
    'summary': 'Every call of this server, the addon that made it, and a record that proves it',
    'version': '16.0.0.1.0',
    'author': 'Outwitness',
    'license': 'Other OSI approved licence',
    'category': 'Technical',
    'depends': ['base', 'web'],
    'data': [
        'security/groups.xml',
        'views/settings.xml',
        'views/menus.xml',
    ],
    'post_load': 'post_load',
    'installable': True,
    'application': True,
}
