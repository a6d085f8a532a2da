"""`smtp`, `imap`, `pop3`: one row per session, by the standard library's clients; STARTTLS stays in it."""

from __future__ import annotations

from typing import Any

from ..recorder import Recorder
from ..when_imported import WhenImported


class Mail:
    def __init__(self, recorder: Recorder, when_imported: WhenImported) -> None:
        self.recorder = recorder
        when_imported('smtplib', self._watch_smtp)
        when_imported('imaplib', self._watch_imap)
        when_imported('poplib', self._watch_pop3)

    def _watch_smtp(self, module: Any) -> None:
        def place(client: Any, host: str = 'localhost', port: int = 0, *rest: Any, **named: Any) -> Any:
            secure = isinstance(client, getattr(module, 'SMTP_SSL', ()))
            name, colon, digits = str(host).rpartition(':')
            if not port and colon and name.count(':') == 0 and digits.isdigit():
                host, port = name, int(digits)
            return self._open('smtp', secure, host, port or client.default_port)

        cls = module.SMTP
        cls.connect = self.recorder.guards.around('smtplib.connect', cls.connect, place, self._opened)

    def _watch_imap(self, module: Any) -> None:
        def place(client: Any, host: str = '', port: int = 143, *rest: Any, **named: Any) -> Any:
            return self._open('imap', isinstance(client, getattr(module, 'IMAP4_SSL', ())), host or 'localhost', port)

        cls = module.IMAP4
        cls.open = self.recorder.guards.around('imaplib.open', cls.open, place, self._opened)

    def _watch_pop3(self, module: Any) -> None:
        def place(client: Any, *rest: Any, **named: Any) -> Any:
            return self._open('pop3', isinstance(client, getattr(module, 'POP3_SSL', ())), client.host, client.port)

        around = self.recorder.guards.around
        for name in ('POP3', 'POP3_SSL'):
            cls = getattr(module, name, None)
            if cls is not None:
                cls._create_socket = around('poplib.%s' % name, cls._create_socket, place, self._opened)

    def _open(self, channel: str, secure: bool, host: Any, port: Any) -> Any:
        recorder = self.recorder
        if not recorder.live(channel) or recorder.scope.call.get() is not None:
            return None
        call = recorder.begin(
            {
                'channel': channel, 'scheme': channel + ('s' if secure else ''),
                'host': recorder.redaction.host(str(host)), 'port': int(port),
            }  # fmt: skip
        )
        call.basis = 'transport'
        recorder.open(call)
        return call, recorder.scope.call.set(call)

    def _opened(self, state: Any, result: Any, error: BaseException | None) -> None:
        call, token = state
        self.recorder.scope.call.reset(token)
        connection = call.connection
        if error is not None:
            self.recorder.fail(call, error)
        elif connection is not None:
            connection.session = call
        else:
            self.recorder.end(call, {})
