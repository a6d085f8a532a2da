import unittest

from audited import AuditedCase

BREAKING = """
import sys; sys.path[:0] = [{agent!r}, {here!r}]
from failing_guards import SECRET, failing, fired
"""


class FailOpen(AuditedCase):
    def test_every_guard_that_a_request_reaches_may_fail_and_the_answer_is_the_same(self):
        out = self.run_code(
            """
            import contextvars, urllib.request
            from servers import Server
            port = Server().port
            def ask():
                with urllib.request.urlopen('http://127.0.0.1:%d/orders' % port, b'abc') as answer:
                    return answer.status, answer.read()
            expected = ask()
            names = sorted(agent.guards.places)
            for name in names:
                failing.add(name)
                assert contextvars.copy_context().run(ask) == expected, name
                failing.clear()
            assert ask() == expected
            print(len(names), len(fired), sum(fired.values()), agent.guards.faults)
            """,
            before=BREAKING,
        )
        names, reached, fired, faults = map(int, out.split())
        self.assertGreater(names, 60)
        self.assertGreater(reached, 15)
        self.assertEqual(faults, fired)
        gaps = [r for r in self.records() if r['kind'] == 'gap']
        self.assertEqual({g['event'] for g in gaps}, {'fault'})
        self.assertEqual(sum(g['count'] for g in gaps), faults)
        self.assertIn('guard http.client.endheaders caught RuntimeError', [g['text'] for g in gaps])
        self.assertNotIn('must not be shown', str(self.records()))

    def test_a_host_that_cannot_say_who_calls_costs_the_name_and_not_the_row(self):
        self.run_code(
            """
            import urllib.request
            from servers import Server
            port = Server().port
            failing.add('port.attributor')
            urllib.request.urlopen('http://127.0.0.1:%d/orders' % port).read()
            """,
            before=BREAKING,
        )
        call = self.the_call()
        self.assertEqual((call['basis'], call['status']), ('none', 200))

    def test_where_nobody_can_be_asked_who_handed_it_over_the_row_names_nobody(self):
        self.run_code(
            """
            import socket, threading
            from servers import line_server
            place = ('127.0.0.1', line_server(b'', lambda line: line))
            failing.add('callers.handed_over')
            thread = threading.Thread(target=socket.create_connection, args=(place,))
            thread.start()
            thread.join()
            assert fired['callers.handed_over'] > 0
            """,
            before=BREAKING,
        )
        self.assertEqual([row['basis'] for row in self.raw()], ['none'])


if __name__ == '__main__':
    unittest.main()
