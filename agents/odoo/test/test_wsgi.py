import unittest

from audited import AuditedCase


class Wsgi(AuditedCase):
    def test_each_request_is_a_row_whatever_the_application_does(self):
        self.run_code(
            """
            import http.client, io, threading, wsgiref.simple_server as simple
            def app(environ, start_response):
                path = environ['PATH_INFO']
                if path == '/fail': raise ValueError('boom')
                start_response('200 OK', [('Content-Type', 'text/plain')])
                if path == '/parts': return (part for part in (b'ab', b'cd'))
                if path == '/file': return environ['wsgi.file_wrapper'](io.BytesIO(b'z' * 10))
                return [b'hello']
            class Quiet(simple.WSGIRequestHandler):
                def log_message(self, *rest): pass
                def get_stderr(self): return io.StringIO()
            class Here(simple.WSGIServer):
                def server_bind(self):
                    __import__('socketserver').TCPServer.server_bind(self)
                    self.server_name, self.server_port = self.server_address
                    self.setup_environ()
            server = simple.make_server('127.0.0.1', 0, agent.middleware(app), server_class=Here, handler_class=Quiet)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            agent.recorder.disabled = frozenset({'urllib', 'tcp'})
            def ask(path):
                c = http.client.HTTPConnection('127.0.0.1', server.server_port)
                c.request('POST', path, b'12345', {'Host': 'shop.test', 'X-Api-Key': 'secret'})
                answer = c.getresponse(); body = answer.read(); c.close()
                return answer.status, body
            assert ask('/items/4711?key=v') == (200, b'hello')
            assert ask('/parts') == (200, b'abcd')
            assert ask('/file') == (200, b'z' * 10)
            assert ask('/fail')[0] == 500
            server.shutdown()
            """
        )
        rows = self.calls()
        self.assertEqual([(r['direction'], r['channel'], r['host']) for r in rows], [('in', 'http', 'shop.test')] * 4)
        self.assertEqual([r.get('status') for r in rows], [200, 200, 200, None])
        self.assertEqual([r['outcome'] for r in rows], ['ok', 'ok', 'ok', 'error'])
        self.assertEqual(rows[0]['path'], '/items/{n}')
        self.assertEqual((rows[0]['bytesIn'], rows[0]['bytesOut'], rows[1]['bytesOut']), (5, 5, 4))
        self.assertEqual(rows[0]['package'], '(app)')
        self.assertNotIn('secret', str(self.records()))


if __name__ == '__main__':
    unittest.main()
