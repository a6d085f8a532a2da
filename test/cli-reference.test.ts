/** docs/reference/cli.md and the program say the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { outwitness } from '../claims/system/outwitness.ts';
import { COMMANDS } from '../packages/cli/src/command-table.ts';
import { EXIT } from '../packages/cli/src/exit-codes.ts';

const ROOT = join(import.meta.dirname, '..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8');

/** Heading → text below it. */
const sections = new Map(
  DOCUMENT.split(/^## /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end).replaceAll('`', ''), section.slice(end)];
    }),
);
const common = sections.get('Every command') ?? '';

const optionsIn = (text: string): string[] =>
  [...text.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, option = '']) => option).toSorted();
const codesIn = (text: string): Set<string> => {
  const [, line = ''] = /^Exit code: (.*)$/m.exec(text) ?? [];
  return new Set([...line.matchAll(/`(\d+)`/g)].map(([, code = '']) => code));
};

test('every command has its section, in the order of the table, and no section is left over', () => {
  assert.ok(Object.keys(COMMANDS).length >= 10);
  assert.deepEqual([...sections.keys()].slice(1), Object.keys(COMMANDS));
});

test('the exit codes are those of the program', () => {
  const documented = [...common.matchAll(/^\| `(\d+)` \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(documented, Object.values(EXIT));
});

describe('every command', () => {
  for (const verb of Object.keys(COMMANDS)) {
    const section = sections.get(verb) ?? '';

    test(`${verb} takes the options of its section and no others`, async () => {
      const { stderr } = await outwitness([verb, '--no-such-option-at-all']);
      const [, list = ''] = /Expected options: ([a-z -]+)\./.exec(stderr) ?? [];
      assert.deepEqual(
        list.split(' ').toSorted(),
        [...optionsIn(common), ...optionsIn(section)].toSorted(),
        `${verb}: ${stderr}`,
      );
    });

    test(`${verb} --help names each of its options, and prints nothing else`, async () => {
      const { code, stdout, stderr } = await outwitness([verb, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
      for (const option of optionsIn(section)) assert.ok(stdout.includes(option), `${verb} --help lacks ${option}`);
      assert.match(stdout, new RegExp(`^usage: outwitness ${verb}\\b`));
    });

    test(`${verb} ends with the codes of its section`, () => {
      const source = readFileSync(join(ROOT, `packages/cli/src/commands/${verb}.ts`), 'utf8');
      const used = [...source.matchAll(/\bEXIT\.(\w+)/g)].map(([, name = '']) => name as keyof typeof EXIT);
      const own = used.map((name) => `${EXIT[name]}`).filter((code) => Number(code) > EXIT.usage);
      const documented = codesIn(section);
      if (verb === 'verify') assert.ok(documented.has('20'), 'the verifier has its own codes');
      else assert.deepEqual([...documented].toSorted(), [...new Set(own)].toSorted());
    });
  }
});

test('the codes of verify are those of docs/formats/verification.md', () => {
  const formats = readFileSync(join(ROOT, 'docs/formats/verification.md'), 'utf8');
  const verdicts = [...formats.matchAll(/^\| (\d+) \| ([A-Z]+) \|/gm)].map(
    ([, code = '', name = '']) => `${code} ${name}`,
  );
  assert.ok(verdicts.length > 5, `${verdicts.length} verdicts`);
  const [, line = ''] = /^Exit code: (.*)$/m.exec(sections.get('verify') ?? '') ?? [];
  const documented = [...line.matchAll(/`(\d+)` ([A-Z]+)/g)].map(([, code = '', name = '']) => `${code} ${name}`);
  assert.deepEqual(documented.toSorted(), verdicts.toSorted());
});
