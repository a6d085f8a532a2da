"""Runs a piece of Python under the agent in a process of its own, and gives what was recorded."""

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

from spool_reader import calls, raw_connections, records

HERE = os.path.dirname(os.path.abspath(__file__))
AGENT = os.path.dirname(HERE)

PREAMBLE = """
import sys; sys.path[:0] = [{agent!r}, {here!r}]
import outwitness_agent
agent = outwitness_agent.install(app='probe')
"""


class AuditedCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='outwitness-python-')
        self.addCleanup(self.folder.cleanup)
        self.data = os.path.join(self.folder.name, 'data')
        self.spool = os.path.join(self.data, 'spool')

    def run_code(self, code, before='', expect=0, env=None):
        """`before` runs ahead of the agent. Returns what the program printed."""
        program = os.path.join(self.folder.name, 'program.py')
        with open(program, 'w', encoding='utf-8') as file:
            file.write(textwrap.dedent(before).format(agent=AGENT, here=HERE) + PREAMBLE.format(agent=AGENT, here=HERE) + textwrap.dedent(code))
        done = subprocess.run(
            [sys.executable, program],
            env={**os.environ, 'OUTWITNESS_DATA': self.data, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, expect, done.stderr.decode())
        return done.stdout.decode()

    def records(self):
        return records(self.spool)

    def calls(self):
        return calls(self.spool)

    def raw(self):
        return raw_connections(self.spool)

    def the_call(self):
        found = self.calls()
        self.assertEqual(len(found), 1, found)
        self.assertEqual(self.raw(), [])
        return found[0]
