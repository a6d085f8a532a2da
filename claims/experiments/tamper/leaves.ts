/** Leaves that say one thing to one reader and another to the next, written into the open epoch with the keys of today. */
import type { Experiment } from './experiment.ts';
import { canonical, type Forgery, type Members } from './forgery.ts';

/** Each is refused as no canonical JSON. */
const NOT_CANONICAL: Readonly<Record<string, (leaf: string) => string>> = {
  'a name twice': (leaf) => leaf.replace('"pid":4711', '"pid":4711,"pid":4711'),
  'a name twice, with two values': (leaf) => leaf.replace('"port":443', '"port":1,"port":443'),
  'names out of order': (leaf) => leaf.replace('"app":"shop",', '').replace('"v":1', '"v":1,"app":"shop"'),
  '1.0': (leaf) => leaf.replace('"pid":4711', '"pid":4711.0'),
  'an exponent': (leaf) => leaf.replace('"pid":4711', '"pid":4711e0'),
  '-0': (leaf) => leaf.replace('"thread":0', '"thread":-0'),
  'an integer beyond 2^53': (leaf) => leaf.replace('"pid":4711', '"pid":9007199254740993'),
  'a lone surrogate': (leaf) => leaf.replace('"lib/', String.raw`"lib\ud800/`),
  'an escape that is not needed': (leaf) => leaf.replace('"lib/', String.raw`"lib\u0070/`),
  'an escape in upper case': (leaf) => leaf.replace('"lib/', String.raw`"lib\u001F/`),
  'an escaped slash': (leaf) => leaf.replace('"/', String.raw`"\/`),
  __proto__: (leaf) => leaf.replace('{', '{"__proto__":1,'),
  'white space': (leaf) => leaf.replace(',', ', '),
  'a nested object': (leaf) => leaf.replace(/"site":"[^"]*"/, '"site":{"a":1}'),
  'a nested array': (leaf) => leaf.replace('"queryKeys":["q"]', '"queryKeys":[["q"]]'),
  'a depth of 900': (leaf) => leaf.replace(/"site":"[^"]*"/, `"site":${'['.repeat(900)}${']'.repeat(900)}`),
  null: (leaf) => leaf.replace(/"site":"[^"]*"/, '"site":null'),
};

/** The same, where not even SQLite reads JSON, so that no column could show it: through a bundle alone. */
const NO_JSON: Readonly<Record<string, (leaf: string) => string>> = {
  'a leading zero': (leaf) => leaf.replace('"pid":4711', '"pid":04711'),
  'a byte order mark': (leaf) => `\u{FEFF}${leaf}`,
  'a NUL': (leaf) => leaf.replace('"shop"', '"sh\0op"'),
  'something behind it': (leaf) => `${leaf}{}`,
  'an unclosed end': (leaf) => leaf.slice(0, -1),
  'another first character': (leaf) => leaf.replace('{', '['),
  'an array around it': (leaf) => `[${leaf}]`,
  'two values': (leaf) => leaf.replace('"shop"', '"shop""shop"'),
  'single quotes': (leaf) => leaf.replaceAll('"', "'"),
  'more than 16 KiB': (leaf) => leaf.replace('"lib/', `"${'x'.repeat(17_000)}/`),
};

/** Each is refused as of the wrong shape. */
const WRONG_SHAPE: Readonly<Record<string, Members>> = {
  'a member that no table knows': { body: 'secret' },
  'a member of another kind': { pendingDigest: '00'.repeat(32) },
  'a status that is a string': { status: '200' },
  'an error that is a number': { error: 443 },
  'a flag where text belongs': { error: true },
  'a list where text belongs': { error: ['a'] },
  'text where a list belongs': { via: 'axios' },
  'a method beyond its limit': { method: 'X'.repeat(33) },
  'a method beyond its limit in bytes alone': { method: 'ä'.repeat(17) },
  'a method beyond its limit in bytes of three': { method: '€'.repeat(11) },
  'too many elements': { via: Array.from({ length: 9 }, () => 'p') },
  'an element that is too long': { cut: ['x'.repeat(33)] },
  'upper-case hex': { certSha256: 'AB'.repeat(32) },
  'short hex': { certSha256: 'ab' },
  'an unknown kind': { kind: 'nett' },
  'an outcome in phase open': { phase: 'open' },
  'version 0': { v: 0 },
  'a version that is text': { v: '1' },
};

/** A call like the newest, with other members, under a seal and a note. */
function appended(forgery: Forgery, members: Members, without: readonly string[] = []): number {
  const like = forgery.leaf(forgery.of('net').findLast((seq) => forgery.leaf(seq)['pid'] === 4711) ?? -1);
  for (const name of ['seq', 'prev', 'salt', 'time', ...without]) delete like[name];
  return forgery.row({ ...like, ...members });
}

const written = (what: string, expected: string, write: (forgery: Forgery) => number, exported = expected): Experiment => ({
  what: `a leaf with ${what}`, by: 'root', expected, exported,
  store: (copy) => {
    const { forgery } = copy;
    const row = write(forgery);
    forgery.seal();
    forgery.store(copy.data);
    return row;
  },
}); // prettier-ignore

function respelt(forgery: Forgery, change: (leaf: string) => string): number {
  const row = appended(forgery, {});
  const leaf = forgery.leaves[row] ?? '';
  if (change(leaf) === leaf) throw new Error('the leaf is as it was');
  return forgery.respell(row, change(leaf));
}

const other =
  (members: Members) =>
  (forgery: Forgery): number =>
    forgery.row(members);
const ABOUT = { app: 'shop', pid: 1, thread: 0, spool: 's', spoolSeq: 1 };

export const LEAVES: readonly Experiment[] = [
  ...Object.entries(NOT_CANONICAL).map(([what, change]) =>
    written(
      what,
      'TAMPERED leaf-canonical row, column row, rollup 296, seal row+1',
      (forgery) => respelt(forgery, change),
      'TAMPERED leaf-canonical row, seal row+1',
    ),
  ),
  ...Object.entries(NO_JSON).map(([what, change]): Experiment => ({
    what: `a leaf with ${what}`,
    by: 'root',
    expected: 'TAMPERED leaf-canonical row, seal row+1',
    file: (forgery) => {
      const row = appended(forgery, {});
      const genuine = forgery.leaves[row] ?? '';
      forgery.sealRow();
      forgery.respell(row, change(genuine));
      forgery.relink(row + 1);
      forgery.note();
      return { row, bytes: forgery.bundle() };
    },
  })),
  ...[-1, 36_501].map((keepDays) =>
    written(`a policy to keep leaves for ${keepDays} days`, 'TAMPERED leaf-shape row', (forgery) =>
      forgery.row({ kind: 'policy', event: 'retention', keepDays, text: 'x' }),
    ),
  ),
  ...Object.entries(WRONG_SHAPE).map(([what, members]) =>
    written(what, 'TAMPERED leaf-shape row', (forgery) => appended(forgery, members)),
  ),
  written('no call and no conn', 'TAMPERED leaf-shape row', (forgery) => appended(forgery, {}, ['call', 'conn'])),
  written('no outcome in phase whole', 'TAMPERED leaf-shape row', (forgery) => appended(forgery, {}, ['outcome'])),
  written('no salt', 'TAMPERED leaf-shape row', (forgery) => {
    const row = appended(forgery, {});
    const rest = { ...forgery.leaf(row) };
    delete rest['salt'];
    return forgery.respell(row, canonical(rest));
  }),
  written(
    'a flag as kind',
    'TAMPERED leaf-shape row, column row',
    (forgery) => appended(forgery, { kind: true }),
    'TAMPERED leaf-shape row',
  ),
  written('another number', 'TAMPERED seq row', (forgery) => appended(forgery, { seq: 7 })),
  written('another row before it', 'TAMPERED chain row', (forgery) => appended(forgery, { prev: 'ab'.repeat(32) })),
  written('a newer version', 'UNVERIFIABLE version row', (forgery) => appended(forgery, { v: 2 })),
  written('a channel that nobody knows', 'VERIFIED', (forgery) => appended(forgery, { channel: 'pigeon' })),
  written(
    'rows known to be missing',
    'INCOMPLETE gap row',
    other({ kind: 'gap', event: 'damaged', text: 'x', missing: 3, count: 1 }),
  ),
  written(
    'a policy without its digest',
    'TAMPERED leaf-shape row, text',
    other({ kind: 'policy', event: 'catalogue', text: 'x' }),
    'TAMPERED leaf-shape row',
  ),
  written(
    'a manifest without its digest',
    'TAMPERED leaf-shape row, text',
    other({ kind: 'policy', event: 'manifest', text: 'x', ...ABOUT }),
    'TAMPERED leaf-shape row',
  ),
  written(
    'a catalogue that is nowhere',
    'TAMPERED text',
    other({ kind: 'policy', event: 'catalogue', text: 'x', catalogue: 'ab'.repeat(32) }),
    'VERIFIED',
  ),
  written('a genesis of epoch 1', 'TAMPERED genesis row, leaf-shape row', (forgery) =>
    forgery.row({
      ...forgery.leaf(0),
      seq: forgery.leaves.length,
      prev: forgery.hashes.at(-1)!.toString('hex'),
      epoch: 1,
    }),
  ),
  ...(['net', 'gaps', 'missing', 'rows'] as const).map((name) =>
    sealed(`another count of ${name}`, { [name]: 999 }, 'TAMPERED seal row'),
  ),
  sealed('another count of open calls', { pending: 999 }, 'TAMPERED pending row', 'VERIFIED'),
  sealed('another digest of open calls', { pendingDigest: 'ab'.repeat(32) }, 'TAMPERED pending row', 'VERIFIED'),
  sealed('another digest of writers', { writersDigest: 'ab'.repeat(32) }, 'TAMPERED writers row', 'VERIFIED'),
  sealed('a wall that is not its time', { wall: 1 }, 'TAMPERED leaf-shape row, stale row'),
];

/** The newest seal with other members, signed. */
function sealed(what: string, members: Members, expected: string, exported = expected): Experiment {
  return {
    what: `a seal with ${what}`, by: 'root', expected, exported,
    store: (copy) => {
      const { forgery } = copy;
      const row = forgery.sealRow(members);
      forgery.note();
      forgery.store(copy.data);
      return row;
    },
  }; // prettier-ignore
}
