"""Reads what an agent wrote, by docs/formats/spool.md alone."""

import glob
import json
import os
import zlib


def records(directory):
    """All records of all files of a spool directory, each file's in order; a wrong frame raises."""
    found = []
    for path in sorted(glob.glob(os.path.join(directory, '*.spool'))):
        number = 0
        with open(path, 'rb') as file:
            for line in file:
                length, crc, payload = line.rstrip(b'\n').split(b' ', 2)
                assert int(length) == len(payload), line
                assert int(crc, 16) == zlib.crc32(payload), line
                record = json.loads(payload)
                assert record['n'] == number, line
                number += 1
                found.append(dict(record, file=os.path.basename(path)))
    return found


def calls(directory):
    """Calls with their ends: `open` and `done` in one."""
    merged = {}
    for record in records(directory):
        if record['kind'] == 'open':
            merged[record['file'], record['call']] = dict(record)
        elif record['kind'] == 'done' and 'call' in record:
            merged[record['file'], record['call']].update(record)
    return list(merged.values())


def raw_connections(directory):
    """Connections that are rows of their own, with their ends."""
    merged = {}
    claimed = set()
    for record in records(directory):
        key = (record['file'], record.get('conn'))
        if record['kind'] == 'conn':
            merged[key] = dict(record)
        elif record['kind'] == 'claim' or (record['kind'] == 'open' and 'conn' in record):
            claimed.add(key)
        elif record['kind'] == 'done' and 'conn' in record:
            merged[key].update(record)
    return [row for key, row in merged.items() if row.get('by') == 'raw' and key not in claimed]
