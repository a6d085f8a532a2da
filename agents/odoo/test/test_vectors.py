import ast
import base64
import json
import os
import re
import sys
import unittest

import audited

sys.path.insert(0, audited.AGENT)
from outwitness_agent.channels.command_line import network_programs_of  # noqa: E402
from outwitness_agent.canonical import frame  # noqa: E402
from outwitness_agent.redaction import Redaction  # noqa: E402
from outwitness_agent.redaction.words import WORDS  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(audited.AGENT))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


class SpoolVectors(unittest.TestCase):
    def test_every_record_becomes_the_frame_of_the_vectors_byte_for_byte(self):
        cases = json.loads(read('testdata', 'vectors', 'spool', 'write.json'))['cases']
        self.assertGreater(len(cases), 5)
        for case in cases:
            with self.subTest(case['name']):
                self.assertEqual(frame(case['record'], case['n']), base64.b64decode(case['frameBase64']))


class RedactionVectors(unittest.TestCase):
    def test_both_agents_redact_alike(self):
        vectors = json.loads(read('testdata', 'vectors', 'redaction.json'))
        self.assertGreater(len(vectors['targets']), 50)
        for strict in (False, True):
            policy = Redaction(strict, bytes.fromhex(vectors['key']))
            name = 'strict' if strict else 'default'
            for case in vectors['targets']:
                with self.subTest(case['raw'], strict=strict):
                    got = policy.target('GET', 'https', 'api.vendor.test', 443, case['raw'])
                    self.assertEqual({**got, 'queryKeys': list(got['queryKeys'])}, case[name])
            for case in vectors['headers']:
                self.assertEqual(list(policy.header_names(tuple(case['names']))), case[name])
            for case in vectors['localPaths']:
                self.assertEqual(policy.local_path(case['path']), case[name])
            for case in vectors['hosts']:
                self.assertEqual(policy.host(case['host']), case[name])

    def test_a_host_in_other_letters_is_the_name_that_is_looked_up(self):
        policy = Redaction(False, b'')
        self.assertEqual(policy.host('b\u00fccher.example'), 'xn--bcher-kva.example')
        self.assertEqual(policy.host('\uff21\uff30\uff29\u3002Vendor.example'), 'api.vendor.example')
        self.assertEqual(policy.host('\u00fc' * 100 + '.example'), '{s}')

    def test_both_agents_find_the_same_programs_in_a_command_line(self):
        lines = json.loads(read('testdata', 'vectors', 'command-lines.json'))['lines']
        self.assertGreater(len(lines), 25)
        for case in lines:
            with self.subTest(case['line']):
                self.assertEqual(network_programs_of(case['line'].split(' ')), case['programs'])
        long = 'sudo -u x ' * 20000 + '(' * 100000 + ' \n' * 100000 + ' ' * 500000 + 'curl'
        self.assertEqual(network_programs_of([long]), ['curl'])

    def test_the_words_are_those_of_the_node_agent(self):
        text = read('packages', 'agent', 'src', 'redaction', 'words.ts')
        body = text[text.index('BY_THEME') : text.index('const WORDS')]
        listed = [part for part, colon in re.findall(r"'([^'\n]*)'(:?)", body) if not colon]
        self.assertEqual(WORDS, frozenset(' '.join(listed).split()))


class Imports(unittest.TestCase):
    def strangers(self, text):
        names = []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                names += [alias.name.split('.')[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append((node.module or '').split('.')[0])
        return [name for name in names if name not in sys.stdlib_module_names]

    @unittest.skipIf(sys.version_info < (3, 10), 'this Python does not list its standard modules')
    def test_the_agent_imports_the_standard_library_only(self):
        seen = 0
        for folder, _, files in os.walk(os.path.join(audited.AGENT, 'outwitness_agent')):
            for name in files:
                if name.endswith('.py'):
                    seen += 1
                    self.assertEqual(self.strangers(read(folder, name)), [], name)
        self.assertGreater(seen, 15)
        self.assertEqual(self.strangers('import os\nfrom odoo import http\n'), ['odoo'])


if __name__ == '__main__':
    unittest.main()
