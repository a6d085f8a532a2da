import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { nodeCrypto, verifyBundle, verifyProof } from '../src/index.ts';
import { assertFound, assertOnly, defaults, verifyBytes } from './experiment.ts';
import { finishBundle, type Key, makeKey, ReferenceLedger, sampleLedger, T0, vkey } from './reference-writer.ts';

const ledger = sampleLedger();
const size = ledger.leaves.length;
const rangeOf = (from: number, to: number): Buffer => ledger.bundle({ from, to });
/** Changes the lines of the whole bundle and ends it anew, as an attacker would. */
const forge = (change: (lines: string[]) => string[]): Buffer => finishBundle(change(ledger.bundleLines()));
const replaceLine = (start: string, line: string): Buffer =>
  forge((lines) => lines.map((one) => (one.startsWith(start) ? line : one)));

describe('a bundle', () => {
  it('is VERIFIED when whole and pinned, UNANCHORED without a pin', async () => {
    assertOnly(await verifyBytes(ledger.bundle(), ledger), 'VERIFIED');
    assertOnly(await verifyBytes(ledger.bundle(), ledger, { pins: [] }), 'UNANCHORED', 'unanchored');
  });

  it('is read the same in pieces of any size', async () => {
    const bytes = ledger.bundle({ from: 3, to: 9 });
    const expected = await verifyBytes(bytes, ledger);
    for (const piece of [1, 7, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) =>
        bytes.subarray(at * piece, (at + 1) * piece),
      );
      assert.deepEqual(await verifyBundle(pieces, nodeCrypto, defaults(ledger)), expected);
    }
  });

  it('of any part is INCOMPLETE and nothing else', async () => {
    for (let from = 0; from < size; from += 1) {
      for (let to = from + 1; to <= size; to += 1) {
        if (from === 0 && to === size) continue;
        const result = await verifyBytes(rangeOf(from, to), ledger);
        assertOnly(result, 'INCOMPLETE', 'subset');
        assert.deepEqual(result.range, [from, to]);
      }
    }
  });

  it('is judged at the time of its export', async () => {
    const late = forge((lines) =>
      lines.map((line) => (line.startsWith('exported') ? `exported ${ledger.time + 7_300_000_000} x` : line)),
    );
    const { pins } = defaults(ledger);
    assertOnly(await verifyBundle([late], nodeCrypto, { pins: pins! }), 'STALE', 'stale');
    assertOnly(await verifyBundle([ledger.bundle()], nodeCrypto, { pins: pins! }), 'VERIFIED');
  });

  it('with a leaf that is gone though no row names it is TAMPERED', async () => {
    const result = await verifyBytes(ledger.bundle({ dropped: new Set([4]) }), ledger);
    assertOnly(result, 'TAMPERED', 'leaf-gone');
    assertFound(result, 'TAMPERED', 'leaf-gone 4');
  });

  it('with a gap row is INCOMPLETE', async () => {
    const other = sampleLedger();
    other.gap(2);
    other.seal();
    assertOnly(await verifyBytes(other.bundle(), other), 'INCOMPLETE', 'gap');
  });
});

describe('a harmed bundle', () => {
  for (const [what, bytes, code] of [
    ['a changed letter in a row', forge((lines) => lines.map((line) => line.replace('host4', 'host5'))), 'root'],
    ['a changed byte and the old digest', Buffer.from(ledger.bundle().toString().replace('host4', 'host5')), 'bundle'],
    [
      'another digest',
      Buffer.from(
        ledger
          .bundle()
          .toString()
          .replace(/end ../, 'end 00'),
      ),
      'bundle',
    ],
    ['a row left out', forge((lines) => lines.filter((line) => !line.startsWith('row 4 '))), 'seq'],
    [
      'a row twice',
      forge((lines) => lines.flatMap((line) => (line.startsWith('row 4 ') ? [line, line] : [line]))),
      'seq',
    ],
    ['two rows swapped', forge(swapRows), 'chain'],
    ['a row replaced by its number', replaceLine('row 4 ', 'row 4 {}'), 'leaf-shape'],
    ['a wrong hash instead of a row', replaceLine('row 4 ', `hash 4 ${'00'.repeat(32)}`), 'root'],
    ['another origin', replaceLine('origin ', 'origin local/outwitness/0'), 'note'],
    ['no note', forge((lines) => lines.filter((line) => !line.startsWith('note '))), 'bundle'],
    [
      'notes out of order',
      forge((lines) => lines.toSorted((a, b) => (a.startsWith('note') && b.startsWith('note') ? (a < b ? 1 : -1) : 0))),
      'bundle',
    ],
    ['a note that is no base64', replaceLine('note ', 'note ***'), 'note'],
    ['a range beyond the note', replaceLine('range ', `range 0 ${size + 1}`), 'bundle'],
    ['an empty range', replaceLine('range ', 'range 3 3'), 'bundle'],
    ['a range with a leading zero', replaceLine('range ', `range 00 ${size}`), 'bundle'],
    ['subtrees where none belong', replaceLine('left', `left ${'00'.repeat(32)}`), 'bundle'],
    ['a text that is not that of its digest', replaceLine('text ', `text ${'00'.repeat(32)} e30=`), 'text'],
    ['a word that nobody knows', forge((lines) => [...lines, 'rollup 1']), 'bundle'],
    [
      'a space at the end of a line',
      forge((lines) => lines.map((line) => (line === 'left' ? 'left ' : line))),
      'bundle',
    ],
    ['CRLF', Buffer.from(ledger.bundle().toString().replaceAll('\n', '\r\n')), 'unreadable'],
    [
      'CRLF after the header',
      Buffer.from(ledger.bundle().toString().replaceAll('\n', '\r\n').replace('\r\n', '\n')),
      'bundle',
    ],
    ['something after the end', Buffer.concat([ledger.bundle(), Buffer.from('more\n')]), 'bundle'],
    ['an empty line after the end', Buffer.concat([ledger.bundle(), Buffer.from('\n')]), 'bundle'],
    ['no LF at the end', ledger.bundle().subarray(0, -1), 'bundle'],
    ['a byte order mark', Buffer.concat([Buffer.from('\u{FEFF}'), ledger.bundle()]), 'unreadable'],
    ['nothing in it', Buffer.alloc(0), 'unreadable'],
    ['another version', replaceLine('outwitness-bundle', 'outwitness-bundle 2'), 'version'],
    ['two bundles, one behind the other', Buffer.concat([ledger.bundle(), ledger.bundle()]), 'bundle'],
    ['a NUL', replaceLine('row 4 ', `row 4 ${ledger.leaves[4]!.replace('shop', 'sh\0p')}`), 'leaf-canonical'],
  ] as const) {
    it(`is found: ${what}`, async () => {
      const result = await verifyBytes(bytes, ledger);
      assertFound(
        result,
        result.findings.some(({ severity }) => severity === 'TAMPERED') ? 'TAMPERED' : 'UNVERIFIABLE',
        code,
      );
      if (code !== 'unreadable' && code !== 'version') assert.equal(result.exit, 20);
    });
  }

  it('is found when cut at any line', async () => {
    const lines = ledger.bundle().toString().split('\n').slice(0, -1);
    for (let kept = 0; kept < lines.length; kept += 1) {
      const { exit } = await verifyBytes(
        Buffer.from(
          lines
            .slice(0, kept)
            .map((line) => `${line}\n`)
            .join(''),
        ),
        ledger,
      );
      assert.ok(exit === 20 || exit === 30, `${kept} lines gave ${exit}`);
    }
  });

  it('is found when rows of another ledger were spliced in', async () => {
    const other = sampleLedger({ seed: 'other' });
    const bytes = finishBundle([...ledger.bundleLines().slice(0, 12), ...other.bundleLines().slice(12)]);
    assertFound(await verifyBytes(bytes, ledger), 'TAMPERED', 'ledger-id', 'chain', 'root');
  });

  it('is found when a proof or subtree of a part is wrong', async () => {
    for (const [word, code] of [
      ['proof 0', 'root'],
      ['left', 'root'],
      ['right', 'root'],
      ['leaf 15', 'root'],
    ] as const) {
      const lines = ledger.bundleLines({ from: 3, to: 9 }).map((line) => {
        if (!line.startsWith(word)) return line;
        return word === 'leaf 15' ? line.replace('boot-1', 'boot-2') : line.replace(/[0-9a-f]{64}$/, '11'.repeat(32));
      });
      assertFound(await verifyBytes(finishBundle(lines), ledger), 'TAMPERED', code);
    }
  });

  it('is found when hashes of a part are parted by more than a space', async () => {
    for (const word of ['left', 'right']) {
      const lines = ledger.bundleLines({ from: 3, to: 9 });
      const at = lines.findIndex((line) => line.startsWith(`${word} `));
      for (const wider of [lines[at]!.replace(' ', '  '), lines[at]!.replace(/ (?=[0-9a-f]{64}$)/, '  ')])
        assertFound(await verifyBytes(finishBundle(lines.with(at, wider)), ledger), 'TAMPERED', 'bundle');
    }
  });

  it('is found when genesis or seal of a part is missing', async () => {
    for (const word of ['0', '15']) {
      const lines = ledger
        .bundleLines({ from: 3, to: 9 })
        .filter((line) => !line.startsWith(`leaf ${word} `) && !line.startsWith(`proof ${word} `));
      assertFound(await verifyBytes(finishBundle(lines), ledger), 'TAMPERED', 'bundle');
    }
  });

  it('is found whichever bit was flipped', async () => {
    const bytes = ledger.bundle({ from: 0, to: size });
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const { exit } = await verifyBytes(flipped, ledger, { pins: [] });
        return exit === 20 || exit === 30;
      }),
      { numRuns: 400 },
    );
  });

  it('is found whichever bit was flipped, with the digest made to fit', async () => {
    const lines = ledger.bundle().toString('latin1').split('\n').slice(0, -2);
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), fc.nat(), fc.nat(7), async (at, byte, bit) => {
        const line = Buffer.from(lines[at]!, 'latin1');
        const spot = byte % line.length;
        line[spot]! ^= 1 << bit;
        const text = Buffer.from(lines.toSpliced(at, 1, line.toString('latin1')).join('\n') + '\n', 'latin1');
        const { exit } = await verifyBytes(Buffer.concat([text, Buffer.from(`end ${digestOf(text)}\n`)]), ledger);
        // The time of export and the name of the software are words of the exporter: nothing signs them.
        return exit === 20 || exit === 30 || lines[at]!.startsWith('exported');
      }),
      { numRuns: 400 },
    );
  });

  it('with a line without end costs bounded memory and time', async () => {
    const megabyte = Buffer.alloc(1 << 20, 0x61);
    let given = 0;
    function* endless(): Generator<Buffer> {
      yield ledger.bundle().subarray(0, 400);
      for (; given < 2000; given += 1) yield megabyte;
    }
    assertFound(await verifyBundle(endless(), nodeCrypto), 'TAMPERED', 'bundle');
    assert.ok(given < 20);
  });

  it('that throws while it is read is unreadable', async () => {
    function* broken(): Generator<Buffer> {
      yield ledger.bundle().subarray(0, 400);
      throw new Error('the disk is gone');
    }
    assertFound(await verifyBundle(broken(), nodeCrypto), 'UNVERIFIABLE', 'unreadable');
  });
});

function swapRows(lines: string[]): string[] {
  const [a, b] = ['row 4 ', 'row 5 '].map((start) => lines.findIndex((line) => line.startsWith(start)));
  return lines.with(a!, lines[b!]!.replace('row 5', 'row 4')).with(b!, lines[a!]!.replace('row 4', 'row 5'));
}

function digestOf(text: Buffer): string {
  return Buffer.from(nodeCrypto.sha256(text)).toString('hex');
}

describe('keys', () => {
  const smallOrder = (hex: string): Key => ({ ...makeKey('x'), publicKey: Buffer.from(hex, 'hex') });

  for (const [what, hex] of Object.entries({
    identity: `01${'00'.repeat(31)}`,
    'order 2': `ec${'ff'.repeat(30)}7f`,
    'order 4': '00'.repeat(32),
    'order 4 with the sign bit': `${'00'.repeat(31)}80`,
    'order 8': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'order 8 with the sign bit': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'no canonical encoding': `ee${'ff'.repeat(30)}7f`,
    'all ones': 'ff'.repeat(32),
  })) {
    it(`are refused: ${what}`, async () => {
      for (const options of [{ logKey: smallOrder(hex) }, { epochKeys: [smallOrder(hex)] }]) {
        const weak = sampleLedger(options);
        assertFound(await verifyBytes(weak.bundle(), weak, { pins: [] }), 'TAMPERED', 'key 0');
      }
    });
  }

  it('of another signer than the genesis row names are found', async () => {
    const other = sampleLedger();
    Object.assign(other, { logKey: makeKey('somebody') });
    other.seal();
    assertFound(await verifyBytes(other.bundle(), ledger), 'TAMPERED', 'signature');
  });

  it('may change with the epoch, under a closing note', async () => {
    const rotated = sampleLedger();
    rotated.nextEpoch();
    rotated.seal();
    rotated.epoch = 1;
    rotated.net();
    rotated.seal();
    assertOnly(await verifyBytes(rotated.bundle(), rotated), 'VERIFIED');
    const gone = rotated.leaves.length - 2;
    assertOnly(await verifyBytes(rotated.bundle({ from: gone, to: gone + 1 }), rotated), 'INCOMPLETE', 'subset');
  });

  it('of a new epoch do not count before a note of the old one covers them, nor the old ones after', async () => {
    const early = sampleLedger();
    early.nextEpoch();
    early.epoch = 1;
    early.seal();
    assertFound(await verifyBytes(early.bundle(), early), 'TAMPERED', 'epoch');
    const late = sampleLedger();
    late.nextEpoch();
    late.seal();
    late.epoch = 1;
    late.seal();
    late.epoch = 0;
    late.seal();
    assertFound(await verifyBytes(late.bundle(), late), 'TAMPERED', 'epoch');
    const skipped = sampleLedger();
    skipped.row({ kind: 'key', epoch: 2, epochKey: 'ab'.repeat(32), event: 'next' });
    skipped.seal();
    assertFound(await verifyBytes(skipped.bundle(), skipped), 'TAMPERED', 'epoch 16');
  });

  it('that do not make the ledger id are found', async () => {
    const forged = new ReferenceLedger({ genesis: { logKey: makeKey('forged').publicKey.toString('hex') } });
    forged.seal();
    assertFound(await verifyBytes(forged.bundle(), forged, { pins: [] }), 'TAMPERED', 'ledger-id 0', 'signature');
  });

  it('sign for an origin of the right form', async () => {
    const odd = new ReferenceLedger({ operator: 'a_b' });
    odd.seal();
    assertFound(await verifyBytes(odd.bundle(), odd, { pins: [] }), 'TAMPERED', 'genesis 0');
  });
});

describe('pins', () => {
  const bundle = ledger.bundle();
  const pin = async (...pins: string[]): ReturnType<typeof verifyBytes> => verifyBytes(bundle, ledger, { pins });
  const other = sampleLedger({ seed: 'other' });

  it('of the right key verify, alone or among those of other ledgers', async () => {
    assertOnly(await pin(ledger.vkey), 'VERIFIED');
    assertOnly(await pin(`${other.vkey}\n${ledger.vkey}\n`), 'VERIFIED');
    assert.equal((await pin(ledger.vkey)).pinned, true);
  });

  it('of other ledgers alone mean that this is not the pinned one', async () => {
    const result = await pin(other.vkey);
    assertOnly(result, 'TAMPERED', 'key');
    assert.equal(result.pinned, false);
    assertOnly(await pin(other.notes[0]!.text), 'TAMPERED', 'key');
  });

  it('of another key for this origin mean that the key is not the pinned one', async () => {
    assertOnly(await pin(vkey(ledger.origin, makeKey('another'))), 'TAMPERED', 'key');
  });

  it('of an older note of this history verify', async () => {
    for (const { text } of ledger.notes) assertOnly(await pin(text), 'VERIFIED');
  });

  it('of a newer note mean a rollback', async () => {
    const newer = sampleLedger();
    newer.net();
    assertOnly(await pin(newer.seal()), 'ROLLBACK', 'pin-ahead');
  });

  it('of the same size and another root mean a split view', async () => {
    const split = sampleLedger();
    const note = split.note({ keep: false, root: Buffer.alloc(32, 7) });
    assertOnly(await pin(note), 'TAMPERED', 'split-view');
  });

  it('of an older note of another history mean a split view', async () => {
    const rewritten = new ReferenceLedger();
    rewritten.net();
    assertOnly(await pin(rewritten.seal()), 'TAMPERED', 'split-view');
  });

  it('of a note that this key did not sign are no pins of this ledger', async () => {
    const forged = new ReferenceLedger();
    Object.assign(forged, { logKey: makeKey('forged') });
    forged.net();
    assertFound(await pin(forged.seal()), 'TAMPERED', 'key');
  });

  it('of a note outside a part are listed as not checked', async () => {
    const result = await verifyBytes(rangeOf(9, 12), ledger, { pins: [ledger.notes[0]!.text] });
    assertOnly(result, 'INCOMPLETE', 'subset');
    assert.ok(result.notChecked.some((text) => text.includes('pinned note of size 8')));
  });

  it('that are none are an error of the caller', async () => {
    for (const text of [
      '',
      'nonsense',
      // Blanks that no line ends after: looked at once, not once more for each of them.
      `x${' '.repeat(1_000_000)}y`,
      ledger.vkey.replace(/\+.{8}\+/, '+00000000+'),
      vkey(ledger.origin, { ...makeKey('x'), publicKey: Buffer.alloc(32) }),
    ]) {
      await assert.rejects(pin(text === '' ? 'x' : text), { name: 'UsageError' });
    }
  });
});

describe('a proof of one row', () => {
  const verify = async (text: string, options = {}): ReturnType<typeof verifyBytes> =>
    verifyProof(Buffer.from(text), nodeCrypto, defaults(ledger, options));

  it('holds for each row, and is INCOMPLETE as the part that it is', async () => {
    for (let seq = 0; seq < size; seq += 1) {
      const result = await verify(ledger.proof(seq));
      assertOnly(result, 'INCOMPLETE', 'subset');
      assert.deepEqual([result.range, result.size, result.pinned], [[seq, seq + 1], size, true]);
    }
    assertFound(await verify(ledger.proof(4), { pins: [] }), 'INCOMPLETE', 'unanchored');
  });

  it('of the only row is whole', async () => {
    const single = new ReferenceLedger();
    single.note();
    assertOnly(await verifyProof(Buffer.from(single.proof(0)), nodeCrypto, { pins: [single.vkey] }), 'VERIFIED');
  });

  it('is found when any bit was flipped', async () => {
    const bytes = Buffer.from(ledger.proof(4));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const { exit } = await verifyProof(flipped, nodeCrypto, { pins: [ledger.vkey] });
        return exit === 20 || exit === 30;
      }),
      { numRuns: 300 },
    );
  });

  it('is found when it is of another form', async () => {
    const text = ledger.proof(4);
    for (const harmed of [
      text.replace(/extra .*\n/, ''),
      text.replace('index 4', 'index 5'),
      text.replace('index 4', 'index 04'),
      text.slice(0, text.indexOf('\n\n')),
      text.replaceAll('\n', '\r\n'),
      `${text}more\n`,
    ]) {
      const { exit } = await verify(harmed);
      assert.ok(exit === 20 || exit === 30, harmed);
    }
  });
});

it('lets a note of one row without a seal fail', async () => {
  const bare = new ReferenceLedger({ start: T0 });
  bare.note();
  assertFound(await verifyBytes(bare.bundle(), bare), 'TAMPERED', 'seal 0');
});

it('lists a text that rows name and the bundle does not hold', async () => {
  const sample = sampleLedger();
  const named = 'catalogues or manifests that rows name';
  const listed = async (lines: string[]): Promise<boolean> =>
    (await verifyBytes(finishBundle(lines), sample)).notChecked.some((text) => text.includes(named));
  assert.equal(await listed(sample.bundleLines()), false);
  assert.equal(await listed(sample.bundleLines().filter((line) => !line.startsWith('text '))), true);
});
