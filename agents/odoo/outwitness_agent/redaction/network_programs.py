"""Programs whose purpose is the network: a word of this list says nothing of anybody, so strict mode may know which. The same list as packages/event/src/network-programs.ts."""

from __future__ import annotations

import re

_NETWORK_PROGRAMS = frozenset(
    'curl wget aria2c http https xh nc ncat netcat socat telnet ssh scp sftp rsync ftp lftp tftp openssl dig '
    'nslookup host ping sendmail mail mailx rclone aws gsutil gcloud az git svn powershell pwsh certutil '
    'bitsadmin chromium chrome google-chrome firefox lynx w3m links busybox'.split()
)


def network_program(name: str) -> str | None:
    """The listed program of a file name, as it is listed: `CURL.EXE` → `curl`."""
    plain = re.sub(r'\.(?:exe|cmd|bat)\Z', '', name.lower())
    return plain if plain in _NETWORK_PROGRAMS else None


def are_network_programs(path: str) -> bool:
    """One name, or several joined by `+`."""
    return all(network_program(name) is not None for name in path.split('+'))
