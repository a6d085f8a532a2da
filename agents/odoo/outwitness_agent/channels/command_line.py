"""The network programs that a command line names; the same rules as packages/interceptor/src/channels/command-line.ts, shown by testdata/vectors/command-lines.json.

A line can hide a program from a look like this (a variable, an alias, a script): then the row has the name of what was started.
"""

from __future__ import annotations

import re

from ..redaction.network_programs import network_program

#: Programs and words of a shell behind which another program is named.
_BEFORE_A_PROGRAM = frozenset(
    'sh bash dash zsh ksh fish ash cmd env sudo doas su nohup setsid time timeout nice ionice stdbuf xargs exec command '
    'builtin eval start call if then else elif while until do ! { chroot unshare flock watch strace ltrace script busybox '
    'toybox'.split()
)
#: What may stand between such a word and the program: options, variables, numbers, times.
_IN_BETWEEN = re.compile(r'(?:-.*|/\w|[A-Za-z_]\w*=.*|[0-9]+(?:\.[0-9]+)?[smhd]?)\Z', re.ASCII)
#: Options behind which a command follows; behind any other there may be a value (`sudo -u www curl`).
_COMMAND_OPTION = re.compile(r'(?:-\w*c|/\w|-command)\Z', re.I | re.ASCII)
_SEPARATOR = re.compile(r'[;&|\n\r(`]+')
_QUOTES = str.maketrans('', '', '"\'^')
_MOST = 4


def runs_another(name: str) -> bool:
    """Does a program of this name run one that stands among its arguments?"""
    return _plain(name) in _BEFORE_A_PROGRAM


def network_programs_of(words: list[str]) -> list[str]:
    """Nothing but words of the list of network programs comes out, so no part of the line does."""
    found: dict[str, None] = {}
    for command in _SEPARATOR.split(' '.join(words)):
        may_be_value = False
        for quoted in command.split():
            word = quoted.translate(_QUOTES)
            if word == '' or _IN_BETWEEN.match(word):
                may_be_value = word.startswith('-') and not _COMMAND_OPTION.match(word)
                continue
            name = _plain(word)
            listed = network_program(name)
            if listed is not None:
                found[listed] = None
            if name not in _BEFORE_A_PROGRAM and not may_be_value:
                break
            may_be_value = False
        if len(found) >= _MOST:
            break
    return list(found)[:_MOST]


def _plain(word: str) -> str:
    """Without its folder."""
    name = word[max(word.rfind('/'), word.rfind('\\')) + 1 :].lower()
    return name[:-4] if name.endswith('.exe') else name
