"""Lets guards of the watcher throw, whichever are named in `failing`. Imported ahead of `install()`."""

import os
from collections import Counter

from outwitness_agent.guard import Guards

#: What the errors say; it must be found in nothing that is kept.
SECRET = 'injected: must not be shown'
failing = set()
fired = Counter()
_PARENT = os.getpid()
_place = Guards.place


def _failing_place(guards, name, action):
    def throwing(*args, **named):
        if name not in failing:
            return action(*args, **named)
        fired[name] += 1
        if os.getpid() != _PARENT and 'FAULTS_FOLDER' in os.environ:
            with open(os.path.join(os.environ['FAULTS_FOLDER'], 'in-children'), 'a', encoding='utf-8') as file:
                file.write(name + '\n')
        raise RuntimeError(SECRET)

    # Its frame is to be taken for one of the watcher's, or it would be found to be who calls.
    throwing.__code__ = throwing.__code__.replace(co_filename=_place.__code__.co_filename)
    return _place(guards, name, throwing)


Guards.place = _failing_place
