"""Writes a spool from records on standard input, one JSON object a line, with the agent's own writer: `write_records.py FOLDER`.

The first record is the `hello`. A line `{"redact": …}` is answered on standard output instead, by the agent's own redaction.
"""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from outwitness_agent.redaction import Redaction  # noqa: E402
from outwitness_agent.spool import Writer  # noqa: E402


def redacted(asked):
    policy = Redaction(asked['strict'], bytes.fromhex(asked['key']))
    return {
        'target': policy.target('GET', 'https', 'api.vendor.test', 443, asked['text']),
        'headers': policy.header_names((asked['text'],)),
        'local': policy.local_path(asked['text']),
        'host': policy.host(asked['text']),
    }


def main():
    lines = [json.loads(line) for line in sys.stdin.buffer.read().decode('utf-8').split('\n') if line]
    for line in lines:
        if 'redact' in line:
            print(json.dumps(redacted(line['redact'])))
    records = [line for line in lines if 'redact' not in line]
    if records:
        writer = Writer(sys.argv[1], lambda segment: records[0])
        for record in records[1:]:
            writer.record(record)
        writer.flush()
        assert writer.records == len(records), writer.records


if __name__ == '__main__':
    main()
