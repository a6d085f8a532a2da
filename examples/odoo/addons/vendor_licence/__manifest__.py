{
    'name': 'Vendor licence',
    'version': '16.0.1.2.0',
    'author': 'Vendor Ltd',
    'license': 'LGPL-3',
    'depends': ['base'],
    'installable': True,
}
