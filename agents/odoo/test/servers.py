"""Real servers on loopback that count what they get."""

import http.server
import socket
import socketserver
import threading


class Counting(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self):
        length = int(self.headers.get('content-length') or 0)
        self.rfile.read(length)
        if self.path.startswith('/redirect'):
            self.send_response(302)
            self.send_header('location', '/orders')
            self.send_header('content-length', '0')
            self.end_headers()
            return
        body = b'x' * 1000
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.send_header('x-answer', 'secret-value')
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = do_PUT = answer

    def log_message(self, *rest):
        return


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Counting)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_bind(self):
        """Without the look-up of its own name, which would be a row."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address


def line_server(greeting, answers):
    """Speaks lines: greets, then answers by the first word. Returns its port."""
    listener = socket.create_server(('127.0.0.1', 0))

    def serve():
        while True:
            peer, _ = listener.accept()
            threading.Thread(target=talk, args=(peer,), daemon=True).start()

    def talk(peer):
        with peer, peer.makefile('rwb') as stream:
            stream.write(greeting)
            stream.flush()
            for line in stream:
                answer = answers(line)
                stream.write(answer)
                stream.flush()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def closed_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]
