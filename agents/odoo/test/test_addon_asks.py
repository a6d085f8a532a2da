"""What the add-on says where it may not ask, or nobody answers. What it asks of a real collector: `npm run claim -- odoo`."""

import importlib.util
import json
import os
import socket
import tempfile
import unittest

_PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'addons', 'outwitness', 'glue', 'collector.py')
_SPEC = importlib.util.spec_from_file_location('outwitness_glue_collector', _PATH)
collector = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(collector)


class AddonAsks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='outwitness-addon-')
        self.addCleanup(folder.cleanup)
        self.data = folder.name
        before = os.environ.get('OUTWITNESS_DATA')
        os.environ['OUTWITNESS_DATA'] = self.data
        self.addCleanup(lambda: os.environ.pop('OUTWITNESS_DATA') if before is None else os.environ.update(OUTWITNESS_DATA=before))

    def write(self, name, text):
        with open(os.path.join(self.data, name), 'w') as file:
            file.write(text)

    def serve_at(self, local):
        self.write('alive', '{}')
        self.write('served.json', json.dumps({'schemaVersion': 1, 'url': 'https://report.example', 'local': local}))

    def refusal(self):
        with self.assertRaises(collector.NotAnswered) as caught:
            collector.link('viewer', 'anna')
        self.assertNotIn('s3cret', str(caught.exception))
        return str(caught.exception)

    def test_without_a_collector_that_lives_it_says_how_to_start_one(self):
        self.assertIn('No collector is running for %s' % self.data, self.refusal())
        self.serve_at('http://127.0.0.1:9')
        os.utime(os.path.join(self.data, 'alive'), (0, 0))
        self.assertIn('outwitness run', self.refusal())

    def test_a_collector_that_shows_nothing_or_a_damaged_file_is_told(self):
        self.write('alive', '{}')
        self.assertIn('shows no report', self.refusal())
        for text in ('', '[]', '{"url": "x"}', 'null', '{'):
            self.write('served.json', text)
            self.assertIn('shows no report', self.refusal(), text)

    def test_without_the_secret_it_names_the_command_that_makes_one(self):
        self.serve_at('http://127.0.0.1:9')
        self.assertIn('outwitness admin issuer odoo --role operator --data %s' % self.data, self.refusal())

    def test_the_secret_goes_to_loopback_alone(self):
        self.write('issuer-odoo.key', 's3cret\n')
        for local in ('http://192.0.2.1:80', 'http://report.example', 'http://127.0.0.1.report.example:80', '', 'http://localhost.example', 'http://[::2]:1', 'http://127.0.0.1@192.0.2.1:1'):
            self.serve_at(local)
            self.assertIn('sent nowhere else', self.refusal(), local)

    def test_a_collector_that_does_not_answer_is_told_without_the_secret(self):
        self.write('issuer-odoo.key', 's3cret\n')
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))  # bound and not listening: refused
            self.serve_at('http://127.0.0.1:%d' % taken.getsockname()[1])
            self.assertIn('did not answer (ConnectionRefusedError)', self.refusal())

    def test_a_login_is_the_name_of_the_user_where_it_can_be_one(self):
        for login in ('anna', 'anna@shop.example', 'A.b-c_1', 'x' * 47):
            self.assertEqual(collector.user_named(login, 7), login)
        for login in ('', 'x' * 48, 'müller', 'a b', 'odoo:anna', '@x', '#9', 'a\n', 'a+b'):
            self.assertEqual(collector.user_named(login, 7), '#7')


if __name__ == '__main__':
    unittest.main()
