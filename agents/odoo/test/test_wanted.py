import unittest

from audited import AuditedCase

WANTED = """
import sys; sys.path[:0] = [{agent!r}, {here!r}]
import outwitness_agent
wanted = True
asked = 0
def is_wanted():
    global asked
    asked += 1
    if wanted == 'broken':
        raise RuntimeError('the host cannot say')
    return wanted
outwitness_agent.install(app='probe', wanted=is_wanted)
from servers import Server
import urllib.request
port = Server().port
def ask(path):
    urllib.request.urlopen('http://127.0.0.1:%d%s' % (port, path)).read()
"""


class Wanted(AuditedCase):
    def depths(self):
        """By how deep they are: what the parts are called is redacted."""
        return [r['path'].count('/') for r in self.records() if r['kind'] == 'open']

    def test_a_host_that_is_gone_ends_capture_with_a_gap_and_one_that_is_back_begins_it_again(self):
        self.run_code(
            """
            ask('/1')
            wanted = None
            agent.look_whether_wanted()
            ask('/1/2')
            wanted = False
            agent.look_whether_wanted()
            agent.look_whether_wanted()
            ask('/1/2/3')
            wanted = True
            agent.look_whether_wanted()
            ask('/1/2/3/4')
            """,
            before=WANTED,
        )
        self.assertEqual(self.depths(), [1, 2, 4])
        gaps = [r for r in self.records() if r['kind'] == 'gap']
        self.assertEqual([g['event'] for g in gaps], ['disabled'])

    def test_it_is_asked_each_second_and_settings_do_not_switch_it_on_again(self):
        self.run_code(
            """
            import json, os, time
            before = asked
            deadline = time.monotonic() + 20
            wanted = False
            while agent.recorder.enabled and time.monotonic() < deadline:
                time.sleep(0.05)
            assert asked > before
            path = os.path.join(os.environ['OUTWITNESS_DATA'], 'agent.json')
            with open(path, 'w') as file:
                json.dump({'schemaVersion': 1, 'generation': 7, 'enabled': True, 'strict': True}, file)
            while agent.settings.generation != 7 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert agent.settings.generation == 7
            ask('/1/2/3')
            """,
            before=WANTED,
        )
        self.assertEqual(self.depths(), [])

    def test_a_host_that_cannot_say_changes_nothing_and_is_counted(self):
        self.run_code(
            """
            wanted = 'broken'
            agent.look_whether_wanted()
            ask('/1')
            print(agent.guards.faults > 0)
            """,
            before=WANTED,
        )
        self.assertEqual(self.depths(), [1])


if __name__ == '__main__':
    unittest.main()
