/** Every field of a row, in groups, with what it means (docs/formats/event.md). */

export interface FieldAbout {
  readonly name: string;
  readonly label: string;
  readonly about: string;
  readonly as?: 'bytes' | 'duration' | 'time';
}

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly FieldAbout[];
}

const field = (name: string, label: string, about: string, as?: FieldAbout['as']): FieldAbout =>
  as === undefined ? { name, label, about } : { name, label, about, as };

export const GROUPS: readonly FieldGroup[] = [
  {
    title: 'What happened',
    fields: [
      field('kind', 'Kind', 'What sort of row this is; net = one call'),
      field('time', 'Time', 'Clock of the writer when the call opened', 'time'),
      field('event', 'Event', 'What happened, for rows that are no call'),
      field('text', 'Words', 'One sentence for people'),
      field('actor', 'Actor', 'Who caused it'),
      field('direction', 'Direction', 'out = the application called; in = it was called'),
      field('channel', 'Channel', 'The outermost library or layer that was recognised'),
      field('method', 'Method', 'HTTP method, DNS record type, or how a process was started'),
      field('outcome', 'Outcome', 'ok = the exchange ended as its protocol says, whatever the status'),
      field('error', 'Error', 'Code of the failure'),
      field('status', 'Status', 'HTTP status'),
      field('phase', 'Phase', 'whole = one row for the call; open at 30 s, then end'),
      field('missing', 'Missing rows', 'How many rows are known to be lost; 0 = none known'),
      field('count', 'Times', 'How often since the last such row'),
    ],
  },
  {
    title: 'Where to',
    fields: [
      field('scheme', 'Scheme', ''),
      field('protocol', 'Protocol', ''),
      field('host', 'Host', 'As asked for, never looked up again'),
      field('port', 'Port', ''),
      field('path', 'Path', 'Redacted: what looks like an identifier or secret is a placeholder'),
      field('queryKeys', 'Query keys', 'Names only; values are never kept'),
      field('listener', 'Listener', 'The address of the server that was called'),
      field('proxy', 'Proxy', 'Through which the call went'),
      field('peerAddress', 'Peer address', 'The other end of the connection'),
      field('peerPort', 'Peer port', ''),
      field('localAddress', 'Local address', ''),
      field('localPort', 'Local port', ''),
      field('attempts', 'Failed attempts', 'Addresses that did not answer before this one did'),
    ],
  },
  {
    title: 'Who sent it',
    fields: [
      field('package', 'Package', 'Responsible package; absent = nobody could be named'),
      field('packageVersion', 'Version', ''),
      field('packageAuthor', 'Author', "From the package's own package.json"),
      field('site', 'Call site', 'Path inside the package, line, column, function'),
      field('via', 'Via', 'Transports between the site and the call'),
      field('chain', 'Chain', 'Distinct packages outwards from the call'),
      field(
        'basis',
        'Basis',
        'How it was found out: stack = read off the call stack; cached = from an earlier call of the same shape',
      ),
    ],
  },
  {
    title: 'How it is judged',
    fields: [
      field('class', 'Class', 'By the name asked for, when the row was made; never changed later'),
      field('vendor', 'Vendor', 'Of the catalogue entry that matched'),
      field('component', 'Component', 'Of that entry'),
      field('declared', 'Declared', "Is the destination in the package's manifest?"),
      field('catalogue', 'Catalogue', 'SHA-256 of the catalogue in force'),
    ],
  },
  {
    title: 'Amounts and times',
    fields: [
      field('bytesOut', 'Sent', 'Left this server', 'bytes'),
      field('bytesIn', 'Received', 'Came in', 'bytes'),
      field('bytesBasis', 'Counted as', 'The layer at which bytes were counted'),
      field('durationUs', 'Duration', 'From open to end', 'duration'),
      field('ttfbUs', 'First byte after', '', 'duration'),
      field('lookupUs', 'Name look-up', 'Part of the duration', 'duration'),
    ],
  },
  {
    title: 'Encryption and headers',
    fields: [
      field('tls', 'TLS', 'Version'),
      field('sni', 'Server name', 'The name asked for in the TLS handshake'),
      field('alpn', 'ALPN', 'Protocol agreed on in the handshake'),
      field('certSha256', 'Certificate', 'SHA-256 of what the peer showed'),
      field('requestHeaders', 'Request headers', 'Names only; values are never kept'),
      field('responseHeaders', 'Response headers', 'Names only'),
      field('fingerprint', 'Fingerprint', 'Keyed hash of the whole request line: tells repeats, reveals nothing'),
    ],
  },
  {
    title: 'Who wrote it down',
    fields: [
      field('app', 'Application', ''),
      field('pid', 'Process', ''),
      field('thread', 'Thread', '0 = the main thread'),
      field('spool', 'Spool file', 'From which the collector took the record'),
      field('spoolSeq', 'Number in it', ''),
      field('call', 'Call', 'Number of the call in its thread'),
      field('conn', 'Connection', 'Number of the connection in its thread'),
      field('cut', 'Cut fields', 'Were longer than their limit'),
      field('skew', 'Clock skew', 'µs by which the time differed from the time of draining'),
    ],
  },
  {
    title: 'The record itself',
    fields: [
      field('seq', 'Row', '0 = the first one'),
      field('ledger', 'Ledger', ''),
      field('prev', 'Previous hash', 'Row hash of the row before'),
      field('salt', 'Salt', 'Random: the hash alone tells nothing about the row'),
      field('v', 'Format', ''),
    ],
  },
];

const KNOWN = new Set(GROUPS.flatMap(({ fields }) => fields.map(({ name }) => name)));

/** Members of rows that are no calls: of the seal, the genesis row, the hello of an agent. Shown by their own names. */
export function furtherFields(leaf: Record<string, unknown>): FieldAbout[] {
  return Object.keys(leaf)
    .filter((name) => !KNOWN.has(name))
    .map((name) => field(name, name, ''));
}
