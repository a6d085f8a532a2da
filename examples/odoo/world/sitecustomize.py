"""The sample's own world: names under `.test` (RFC 6761) lead to this machine."""

import socket

_ask = socket.getaddrinfo


def getaddrinfo(host, *rest, **named):
    if isinstance(host, str) and host.endswith('.vendor.test'):
        host = '127.0.0.1'
    return _ask(host, *rest, **named)


socket.getaddrinfo = getaddrinfo
