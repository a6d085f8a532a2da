import importlib.util
import unittest

from audited import AuditedCase


def needs(module):
    found = importlib.util.find_spec(module) is not None
    return unittest.skipUnless(found, '%s is not installed for this Python' % module)


class Http(AuditedCase):
    def test_urllib_is_one_row_with_names_only(self):
        self.run_code(
            """
            from servers import Server
            port = Server().port
            import urllib.request
            request = urllib.request.Request('http://127.0.0.1:%d/orders/4711?token=abc' % port, b'body', {'X-Secret': 'v'})
            with urllib.request.urlopen(request) as answer:
                assert len(answer.read()) == 1000
            """
        )
        call = self.the_call()
        self.assertEqual(call['channel'], 'urllib')
        self.assertEqual(call['method'], 'POST')
        self.assertEqual(call['path'], '/orders/{n}')
        self.assertEqual(call['queryKeys'], ['token'])
        self.assertEqual(call['status'], 200)
        self.assertEqual(call['outcome'], 'ok')
        self.assertIn('x-secret', call['requestHeaders'])
        self.assertIn('x-answer', call['responseHeaders'])
        self.assertGreater(call['bytesIn'], 1000)
        self.assertEqual(call['package'], '(app)')
        self.assertRegex(call['site'], r'^program\.py:\d+:0 ')
        self.assertEqual(call['basis'], 'stack')

    def test_a_connection_used_again_gives_a_row_each_and_their_bytes_add_up(self):
        self.run_code(
            """
            from servers import Server
            import http.client
            connection = http.client.HTTPConnection('127.0.0.1', Server().port)
            for i in range(5):
                connection.request('GET', '/orders')
                connection.getresponse().read()
            connection.close()
            """
        )
        found = self.calls()
        self.assertEqual(len(found), 5)
        ends = [r for r in self.records() if r['kind'] == 'done' and 'conn' in r]
        self.assertEqual(len(ends), 1)
        for name in ('bytesIn', 'bytesOut'):
            self.assertEqual(sum(call[name] for call in found), ends[0][name])
        self.assertEqual(self.raw(), [])

    def test_a_refused_connection_is_refused_and_one_row(self):
        self.run_code(
            """
            from servers import closed_port
            import urllib.request
            try:
                urllib.request.urlopen('http://127.0.0.1:%d/' % closed_port())
            except OSError:
                pass
            else:
                raise SystemExit('nobody should listen there')
            """
        )
        call = self.the_call()
        self.assertEqual((call['outcome'], call['error']), ('refused', 'ECONNREFUSED'))

    @needs('requests')
    def test_requests_follows_redirects_with_a_row_per_hop(self):
        self.run_code(
            """
            from servers import Server
            import requests
            port = Server().port
            with requests.Session() as session:
                answer = session.get('http://user:password@127.0.0.1:%d/redirect' % port)
                assert answer.status_code == 200 and len(answer.content) == 1000
            """
        )
        found = self.calls()
        self.assertEqual([(c['channel'], c['path'], c['status']) for c in found], [
            ('requests', '/redirect', 302), ('requests', '/orders', 200)])
        self.assertEqual(self.raw(), [])
        self.assertEqual({c['package'] for c in found}, {'(app)'})
        self.assertIn('requests', found[0]['via'])
        self.assertNotIn('password', str(self.records()))

    @needs('requests')
    def test_requests_that_is_disabled_falls_through_to_urllib_and_then_to_tcp(self):
        self.run_code(
            """
            from servers import Server
            import requests
            port = Server().port
            agent.recorder.disabled = frozenset({'requests'})
            requests.get('http://127.0.0.1:%d/orders' % port)
            agent.recorder.disabled = frozenset({'requests', 'urllib'})
            requests.get('http://127.0.0.1:%d/orders' % port)
            """
        )
        self.assertEqual([c['channel'] for c in self.calls()], ['urllib'])
        self.assertEqual([c['channel'] for c in self.raw()], ['tcp'])

    @needs('httpx')
    def test_httpx_sync_and_async(self):
        self.run_code(
            """
            from servers import Server
            import asyncio, httpx
            port = Server().port
            with httpx.Client() as client:
                for i in range(2):
                    assert len(client.post('http://127.0.0.1:%d/orders?key=1' % port, content=b'abc').content) == 1000
            async def ask():
                async with httpx.AsyncClient() as client:
                    answers = await asyncio.gather(*[client.get('http://127.0.0.1:%d/items' % port) for _ in range(5)])
                    assert all(len(a.content) == 1000 for a in answers)
            asyncio.run(ask())
            """
        )
        found = self.calls()
        self.assertEqual([c['channel'] for c in found], ['httpx'] * 7)
        self.assertEqual({c['status'] for c in found}, {200})
        self.assertEqual({c['outcome'] for c in found}, {'ok'})
        self.assertTrue(all(c['bytesIn'] > 1000 for c in found), found)
        self.assertEqual(self.raw(), [])


class Mail(AuditedCase):
    def test_smtp_imap_and_pop3_are_a_row_per_session_without_addresses(self):
        self.run_code(
            """
            from servers import line_server
            import imaplib, poplib, smtplib
            port = line_server(b'220 ready\\r\\n', lambda line: {b'DATA': b'354 go\\r\\n', b'QUIT': b'221 bye\\r\\n'}.get(line.strip()[:4].upper(), b'250 ok\\r\\n') if not line.startswith((b'Sub', b'hel', b'\\r\\n')) else b'')
            with smtplib.SMTP('127.0.0.1', port, local_hostname='probe.test') as smtp:
                smtp.ehlo('probe.test')
                smtp.docmd('NOOP')
            port = line_server(b'+OK ready\\r\\n', lambda line: b'+OK 1 1\\r\\n')
            pop = poplib.POP3('127.0.0.1', port); pop.user('alice@secret.test'); pop.quit()
            def imap(line):
                tag, word = line.split()[:2]
                if word == b'CAPABILITY': return b'* CAPABILITY IMAP4rev1\\r\\n' + tag + b' OK done\\r\\n'
                if word == b'LOGOUT': return b'* BYE\\r\\n' + tag + b' OK bye\\r\\n'
                return tag + b' OK done\\r\\n'
            box = imaplib.IMAP4('127.0.0.1', line_server(b'* OK ready\\r\\n', imap)); box.logout()
            """
        )
        found = self.calls()
        self.assertEqual([(c['channel'], c['outcome']) for c in found], [('smtp', 'ok'), ('pop3', 'ok'), ('imap', 'ok')])
        self.assertTrue(all(c['bytesOut'] > 5 and c['bytesIn'] > 5 for c in found), found)
        self.assertNotIn('alice', str(self.records()))
        self.assertEqual(self.raw(), [])


class Lower(AuditedCase):
    def test_a_raw_connection_is_a_tcp_row_with_its_bytes(self):
        self.run_code(
            """
            from servers import line_server
            import socket
            port = line_server(b'hello\\n', lambda line: line)
            with socket.create_connection(('127.0.0.1', port)) as peer:
                assert peer.recv(6) == b'hello\\n'
                peer.sendall(b'abc\\n')
                assert peer.recv(4) == b'abc\\n'
            """
        )
        self.assertEqual(self.calls(), [])
        (row,) = self.raw()
        self.assertEqual((row['channel'], row['bytesOut'], row['bytesIn']), ('tcp', 4, 10))
        self.assertEqual(row['package'], '(app)')

    def test_datagrams_are_one_row_per_destination(self):
        self.run_code(
            """
            import socket
            a, b = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
            for peer in (a, b): peer.bind(('127.0.0.1', 0))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
                for _ in range(3): out.sendto(b'12345', a.getsockname())
                out.sendto(b'1', b.getsockname())
                a.sendto(b'back', ('127.0.0.1', out.getsockname()[1]))
            """
        )
        rows = [row for row in self.raw() if row['channel'] == 'udp']
        self.assertEqual(sorted(row['bytesOut'] for row in rows), [1, 4, 15])

    def test_a_look_up_of_user_code_is_a_dns_row_and_one_of_a_connection_is_not(self):
        self.run_code(
            """
            import socket
            try: socket.getaddrinfo('nobody.invalid', 80)
            except OSError: pass
            try: socket.create_connection(('nobody.invalid', 80))
            except OSError: pass
            """
        )
        call = self.the_call()
        self.assertEqual((call['channel'], call['host'], call['outcome']), ('dns', 'nobody.invalid', 'error'))

    def test_programs_are_rows_without_their_arguments(self):
        self.run_code(
            """
            import os, subprocess
            subprocess.run(['/bin/echo', 'secret-argument'], stdout=subprocess.DEVNULL)
            subprocess.run('true secret-argument', shell=True)
            os.system('true secret-argument')
            """
        )
        found = self.calls()
        self.assertEqual([(c['path'], c['method']) for c in found], [('echo', 'spawn'), ('sh', 'exec'), ('sh', 'exec')])
        self.assertNotIn('secret', str(self.records()))


class WaysRound(AuditedCase):
    """Each makes a connection that a plain patch of `socket` would not see."""

    def demand_tcp(self, code, before=''):
        self.run_code(
            "from servers import line_server\nport = line_server(b'', lambda line: line)\n"
            + __import__('textwrap').dedent(code),
            before=before,
        )
        rows = self.raw()
        self.assertTrue(any(row['channel'] == 'tcp' for row in rows), rows)

    def test_a_reference_taken_before(self):
        self.demand_tcp(
            "s = __import__('socket').socket(); kept(s, ('127.0.0.1', port)); s.close()",
            'import socket; kept = socket.socket.connect\n',
        )

    def test_the_raw_module(self):
        self.demand_tcp("import _socket; s = _socket.socket(); s.connect(('127.0.0.1', port)); s.close()")

    def test_a_subclass(self):
        self.demand_tcp(
            """
            import socket
            class Own(socket.socket):
                def connect(self, address): return super().connect(address)
            s = Own(); s.connect(('127.0.0.1', port)); s.close()
            """
        )

    def test_eval_and_exec(self):
        self.demand_tcp("exec(\"s = eval('__import__(chr(115)+str(\\\\'ocket\\\\'))').socket(); s.connect(('127.0.0.1', port))\")")

    def test_reload(self):
        self.demand_tcp(
            "import importlib, socket; importlib.reload(socket); s = socket.socket(); s.connect(('127.0.0.1', port))"
        )

    def test_a_thread_started_before(self):
        self.demand_tcp(
            "go.append(port); t.join()",
            """
            import threading, time, socket
            go = []
            def work():
                while not go: time.sleep(0.01)
                s = socket.socket(); s.connect(('127.0.0.1', go[0])); s.close()
            t = threading.Thread(target=work); t.start()
            """,
        )

    def test_fork_has_a_file_of_its_own(self):
        self.run_code(
            """
            import os, socket
            from servers import line_server
            port = line_server(b'', lambda line: line)
            pid = os.fork()
            s = socket.create_connection(('127.0.0.1', port)); s.close()
            if pid == 0: os._exit(0)
            os.waitpid(pid, 0)
            """
        )
        rows = self.raw()
        self.assertEqual(len({row['file'] for row in rows}), 2, rows)

    def test_multiprocessing_by_fork(self):
        self.run_code(
            """
            import multiprocessing, socket
            from servers import line_server
            port = line_server(b'', lambda line: line)
            def work(): socket.create_connection(('127.0.0.1', port)).close()
            child = multiprocessing.get_context('fork').Process(target=work); child.start(); child.join()
            assert child.exitcode == 0
            """
        )
        self.assertEqual(len(self.raw()), 1)


class FailOpen(AuditedCase):
    def test_every_guard_may_fail_and_the_traffic_is_the_same(self):
        out = self.run_code(
            """
            import socket, urllib.request
            from servers import Server
            port = Server().port
            def ask():
                with urllib.request.urlopen('http://127.0.0.1:%d/orders' % port, b'abc') as answer:
                    return answer.status, answer.read()
            expected = ask()
            names = sorted(agent.guards.fired)
            for name in names:
                agent.guards.broken = {name}
                assert ask() == expected, name
            agent.guards.broken = set()
            assert ask() == expected
            print(len(names), agent.guards.faults)
            agent._second(True)
            """
        )
        names, faults = map(int, out.split())
        self.assertGreater(names, 20)
        self.assertGreater(faults, 5)
        gaps = [r for r in self.records() if r['kind'] == 'gap']
        self.assertEqual([(g['event'], g['count']) for g in gaps], [('fault', faults)])

    def test_a_kill_loses_no_call(self):
        out = self.run_code(
            """
            import os, signal, urllib.request
            from servers import Server
            port = Server().port
            for i in range(20): urllib.request.urlopen('http://127.0.0.1:%d/orders' % port).read()
            os.kill(os.getpid(), signal.SIGKILL)
            """,
            expect=-9,
        )
        self.assertEqual(out, '')
        self.assertEqual(len([r for r in self.records() if r['kind'] == 'open']), 20)


if __name__ == '__main__':
    unittest.main()
