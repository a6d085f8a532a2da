"""Shape and limits of the fields of a record (docs/formats/event.md, "Field table"; spool.md, "Records").

A limit is bytes of UTF-8; a pair is at most n elements of at most m bytes.
"""

STRINGS = {
    'direction': 3, 'channel': 16, 'scheme': 16, 'protocol': 16, 'method': 32, 'host': 253, 'path': 1024,
    'outcome': 8, 'error': 64, 'bytesBasis': 16, 'peerAddress': 64, 'localAddress': 64, 'proxy': 320, 'sni': 253,
    'alpn': 32, 'tls': 16, 'certSha256': 64, 'package': 214, 'packageVersion': 64, 'site': 384, 'basis': 9,
    'fingerprint': 34,
    'app': 64, 'runtime': 32, 'agent': 32, 'digest': 64, 'loaded': 16, 'boot': 64, 'script': 214,
    'packageAuthor': 128, 'manifest': 32768, 'by': 16, 'event': 32, 'text': 512, 'recipient': 128, 'sealed': 65536,
    'reason': 16,
}  # fmt: skip
LISTS = {
    'queryKeys': (64, 64), 'requestHeaders': (100, 64), 'responseHeaders': (100, 64), 'attempts': (16, 96),
    'via': (8, 214), 'chain': (16, 214), 'cut': (64, 32), 'late': (64, 214), 'channels': (32, 16),
    'disabled': (32, 16),
}  # fmt: skip

MAX_RECORD_BYTES = 65536
MAX_SEGMENT_BYTES = 16 * 1024 * 1024
#: What one process may leave undrained; docs/reference/settings.md.
MAX_PROCESS_BYTES = 256 * 1024 * 1024
MAX_DIRECTORY_BYTES = 1024 * 1024 * 1024

#: Of the calls' `error`: anything else is dropped, since an exception's text could hold a value.
CHANNELS = (
    'requests', 'urllib', 'httpx', 'http', 'smtp', 'imap', 'pop3', 'tls', 'tcp', 'unix', 'udp', 'dns', 'process',
    'native',
)  # fmt: skip
