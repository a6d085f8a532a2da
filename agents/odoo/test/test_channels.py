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


    def test_a_program_that_cannot_be_started_is_an_error_with_its_code(self):
        self.run_code(
            """
            import os, subprocess
            def attempt(start, *args):
                try: start(*args)
                except OSError: return
                raise SystemExit('it should not be there')
            attempt(subprocess.run, ['no-such-program', 'secret-argument'])
            attempt(subprocess.run, ['/etc/passwd'])
            attempt(os.posix_spawn, '/no/no-such-program', ['no-such-program'], {})
            attempt(os.execvp, 'no-such-program', ['no-such-program'])
            subprocess.run(['true'])
            """
        )
        found = [(c['path'], c['method'], c['outcome'], c.get('error')) for c in self.calls()]
        self.assertEqual(found, [
            ('no-such-program', 'spawn', 'error', 'ENOENT'), ('passwd', 'spawn', 'error', 'EACCES'),
            ('no-such-program', 'spawn', 'error', 'ENOENT'), ('no-such-program', 'execve', 'error', 'ENOENT'),
            ('true', 'spawn', 'ok', None)])

    def test_a_program_that_takes_the_place_of_this_one_is_the_last_row(self):
        self.run_code("import os; os.execvp('true', ['true', 'secret-argument'])")
        (call,) = self.calls()
        self.assertEqual((call['path'], call['method'], call.get('outcome')), ('true', 'execve', None))
        self.assertEqual([r['kind'] for r in self.records()][-2:], ['open', 'bye'])

    def test_every_other_way_to_start_one_is_a_row_too(self):
        self.run_code(
            """
            import asyncio, multiprocessing, os, pty, subprocess
            if __name__ != '__main__': raise SystemExit
            os.waitpid(os.posix_spawnp('true', ['true'], {}), 0)
            os.spawnlp(os.P_WAIT, 'true', 'true')
            pty.spawn(['true'])
            subprocess.Popen(['true'], preexec_fn=lambda: None).wait()
            async def start(): await (await asyncio.create_subprocess_exec('true')).wait()
            asyncio.run(start())
            child = multiprocessing.get_context('spawn').Process(target=print)
            child.start(); child.join()
            """
        )
        # multiprocessing starts a tracker and the child; the child runs this very file again, as far as the guard below.
        found = [(c['path'], c['method']) for c in self.calls()]
        self.assertEqual(found.count(('true', 'spawn')) + found.count(('true', 'execve')), 5, found)
        self.assertEqual(sum(path.startswith('python') for path, _ in found), 2, found)


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


    def test_create_connection_by_a_reference_taken_before(self):
        self.demand_tcp('kept((\'127.0.0.1\', port)).close()', 'from socket import create_connection as kept\n')

    def test_http_client_reloaded(self):
        self.demand_tcp(
            """
            import http.client, importlib
            importlib.reload(http.client)
            c = http.client.HTTPConnection('127.0.0.1', port, timeout=1); c.connect(); c.close()
            """
        )

    def test_a_look_up_by_the_raw_module_or_a_reference_taken_before(self):
        self.run_code(
            """
            import _socket
            for ask in (_socket.getaddrinfo, kept):
                try: ask('nobody.invalid', 80)
                except OSError: pass
            """,
            'from socket import getaddrinfo as kept\n',
        )
        self.assertEqual([(c['channel'], c['host']) for c in self.calls()], [('dns', 'nobody.invalid')] * 2)

    def test_a_program_by_references_taken_before(self):
        self.run_code(
            """
            Popen(['true']).wait()
            os.waitpid(posix_spawn('/bin/true', ['true'], {}), 0)
            import _posixsubprocess, multiprocessing.util
            os.waitpid(multiprocessing.util.spawnv_passfds(b'/bin/true', ['true'], ()), 0)
            execv('/bin/true', ['true'])
            """,
            'import os\nfrom os import execv, posix_spawn\nfrom subprocess import Popen\n',
        )
        self.assertEqual([c['path'] for c in self.calls()], ['true'] * 4)

    def test_a_fork_of_a_fork_and_a_thread_in_it(self):
        self.run_code(
            """
            import os, socket, threading
            from servers import line_server
            port = line_server(b'', lambda line: line)
            def work(): socket.create_connection(('127.0.0.1', port)).close()
            if os.fork() == 0:
                if os.fork() == 0:
                    t = threading.Thread(target=work); t.start(); t.join(); os._exit(0)
                os.wait(); work(); os._exit(0)
            os.wait()
            """
        )
        self.assertEqual(len({row['file'] for row in self.raw()}), 2)

    def test_a_child_of_multiprocessing_spawn_that_loads_the_agent_is_watched(self):
        self.run_code(
            """
            import multiprocessing, socket, sys
            def work(port): socket.create_connection(('127.0.0.1', port)).close()
            if __name__ == '__main__':
                from servers import line_server
                child = multiprocessing.get_context('spawn').Process(target=work, args=(line_server(b'', lambda line: line),))
                child.start(); child.join()
                assert child.exitcode == 0
            """
        )
        self.assertEqual([row['channel'] for row in self.raw()], ['tcp'])

    def test_ctypes_is_told_not_what_it_does(self):
        self.run_code(
            """
            import ctypes, socket, struct
            from servers import line_server
            port = line_server(b'', lambda line: line)
            libc = ctypes.CDLL(None)
            fd = libc.socket(2, 1, 0)
            address = struct.pack('=HHI8x', 2, socket.htons(port), struct.unpack('=I', socket.inet_aton('127.0.0.1'))[0])
            assert libc.connect(fd, address, len(address)) == 0
            """
        )
        self.assertEqual([(c['channel'], c['path']) for c in self.calls()], [('native', 'self')])
        self.assertEqual(self.raw(), [])


class Killed(AuditedCase):
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


class HandedOver(AuditedCase):
    def test_a_function_of_the_platform_in_a_thread_an_executor_or_a_task_names_who_handed_it_over(self):
        self.run_code(
            """
            import asyncio, concurrent.futures, socket, threading
            from servers import line_server
            place = ('127.0.0.1', line_server(b'', lambda line: line))
            def by_thread():
                thread = threading.Thread(target=socket.create_connection, args=(place,))
                thread.start()
                thread.join()
            def by_executor():
                executor.submit(socket.create_connection, place).result()
            async def by_task():
                await asyncio.create_task(asyncio.get_running_loop().create_connection(asyncio.Protocol, *place))
            with concurrent.futures.ThreadPoolExecutor(1) as executor:
                by_thread()
                by_executor()
            asyncio.run(by_task())
            """
        )
        found = [(row['package'], row['basis'], row['site'].split(' ')[1]) for row in self.raw()]
        self.assertEqual(found, [('(app)', 'async', name) for name in ('by_thread', 'by_executor', 'by_task')])


class CommandLines(AuditedCase):
    def test_a_command_line_has_the_names_of_its_network_programs(self):
        self.run_code(
            """
            import os, subprocess
            os.system('cd /nowhere && git pull secret; false curl; curl --no-such-option-as-secret 2>/dev/null')
            subprocess.run('wget --no-such-option-as-secret 2>/dev/null', shell=True)
            subprocess.run(['env', 'A=b', 'true', 'curl'])
            """
        )
        found = [(c['channel'], c['method'], c['path']) for c in self.calls()]
        self.assertEqual(found, [('process', 'exec', 'git+curl'), ('process', 'exec', 'wget'), ('process', 'spawn', 'env')])
        self.assertNotIn('secret', str(self.records()))


class DisabledTcp(AuditedCase):
    def test_tls_over_a_disabled_tcp_is_a_row_with_its_bytes_and_no_connection(self):
        self.run_code(
            """
            import socket, ssl, subprocess, threading
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k.pem', '-out', 'c.pem',
                            '-subj', '/CN=localhost', '-days', '2'], stderr=subprocess.DEVNULL, check=True, cwd=sys.path[2])
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.path[2] + '/c.pem', sys.path[2] + '/k.pem')
            listener = socket.create_server(('127.0.0.1', 0))
            def serve():
                with context.wrap_socket(listener.accept()[0], server_side=True) as peer:
                    peer.sendall(peer.recv(100))
            threading.Thread(target=serve, daemon=True).start()
            agent.recorder.disabled = frozenset({'tcp', 'process'})
            with ssl._create_unverified_context().wrap_socket(socket.create_connection(listener.getsockname())) as sock:
                sock.sendall(b'hello')
                assert sock.recv(100) == b'hello'
            socket.create_connection(listener.getsockname()).close()
            """
        )
        found = [c for c in self.calls() if c['channel'] != 'process']
        self.assertEqual([(c['channel'], c['bytesOut'], c['bytesIn'], c['outcome']) for c in found], [('tls', 5, 5, 'ok')])
        self.assertEqual([r for r in self.records() if r['kind'] in ('conn', 'claim') or 'conn' in r], [])


class EvaluatedCode(AuditedCase):
    def test_belongs_to_the_file_that_evaluated_it_whatever_it_calls_itself(self):
        self.run_code(
            """
            import urllib.request
            from servers import Server
            url = 'http://127.0.0.1:%d/orders' % Server().port
            exec(compile('urllib.request.urlopen(url).read()', 'name-that-is-a-secret', 'exec'))
            named = compile('def f(): urllib.request.urlopen(url).read()', 'x', 'exec').co_consts[0]
            exec(named.replace(co_name='4fa1c74fa1c74fa1c7'))
            """
        )
        found = self.calls()
        self.assertEqual(len(found), 2)
        for call in found:
            self.assertEqual((call['package'], call['basis']), ('(app)', 'stack'))
            self.assertRegex(call['site'], r'^program\.py:\d+:0 <module>$')
        self.assertNotIn('secret', str(self.records()))


if __name__ == '__main__':
    unittest.main()
