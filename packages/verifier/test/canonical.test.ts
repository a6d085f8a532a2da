import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { decodeUtf8, parseCanonical } from '../src/canonical.ts';
import { canonical, type Members } from './reference-writer.ts';

const value = fc.oneof(
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
);
const members = fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,6}$/), value) as fc.Arbitrary<Members>;

describe('canonical JSON', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(members, (object) => {
        const parsed = parseCanonical(canonical(object));
        assert.ok(typeof parsed !== 'string', parsed as string);
        assert.deepEqual(Object.fromEntries(parsed), { ...object });
      }),
    );
  });

  it('has no second spelling: whatever else is read is the text itself', () => {
    fc.assert(
      fc.property(
        members,
        fc.nat(),
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u00d8afbnrt1e.-0 \t\n\u{FEFF}\0')), maxLength: 3 }),
        fc.nat(3),
        (object, spot, inserted, cut) => {
          const text = canonical(object);
          const at = spot % (text.length + 1);
          const changed = text.slice(0, at) + inserted + text.slice(at + cut);
          const parsed = parseCanonical(changed.toWellFormed());
          if (typeof parsed !== 'string') assert.equal(canonical(Object.fromEntries(parsed)), changed.toWellFormed());
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('takes each control character in its one escape only', () => {
    for (let code = 0; code < 0x20; code += 1) {
      const character = String.fromCharCode(code);
      const right = JSON.stringify(character);
      const long = `"\\u${code.toString(16).padStart(4, '0')}"`;
      assert.equal((parseCanonical(`{"a":${right}}`) as Map<string, string>).get('a'), character);
      assert.equal(typeof parseCanonical(`{"a":"${character}"}`), 'string');
      assert.equal(typeof parseCanonical(`{"a":${long}}`) === 'string', long !== right);
    }
    for (const text of ['\\/', '\\u0041', '\\u007f', '\\u2028', '\\ud800', '\\u001F', '\\x41', '\\', '\\u00']) {
      assert.equal(typeof parseCanonical(`{"a":"${text}"}`), 'string', text);
    }
    for (const text of ['\u007f', '\u0085', '\u2028', '\u{1F600}'])
      assert.notEqual(typeof parseCanonical(`{"a":"${text}"}`), 'string');
  });

  it('refuses what is no integer, string, flag or array of strings', () => {
    for (const text of [
      'null',
      '-0',
      '01',
      '1.0',
      '1e3',
      '-',
      '+1',
      '9007199254740992',
      '-9007199254740992',
      '{}',
      '[1]',
      '[[]]',
      '["a",]',
      '[,]',
      'True',
      'NaN',
      '',
    ]) {
      assert.equal(typeof parseCanonical(`{"a":${text}}`), 'string', text);
    }
  });

  it('refuses names that are twice, out of order or not allowed', () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"b":1,"a":1}',
      '{"__proto__":1}',
      '{"1":1}',
      '{"":1}',
      '{"a":1,}',
      '{,}',
      '{a:1}',
      '{"\\u0061":1}',
      '[]',
      '',
      '{',
      '{}}',
      '{} ',
    ]) {
      assert.equal(typeof parseCanonical(text), 'string', text);
    }
  });

  it('takes no longer for hostile texts of the greatest length', () => {
    const start = performance.now();
    for (const part of ['[', '"', '\\', '{"a":', '"a",', '\\u0000', '\\"', 'a'])
      parseCanonical(`{"a":"${part.repeat(16_384)}`);
    assert.ok(performance.now() - start < 1000);
  });

  it('is strict UTF-8', () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x90, 0x80]])
      assert.equal(decodeUtf8(Uint8Array.from(bytes)), undefined);
    assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf)), '\u{FEFF}');
  });
});
