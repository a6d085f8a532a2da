import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkProgramsOf } from '../src/channels/command-line.ts';

const LINES: readonly [line: string, programs: string][] = [
  ['curl -d @secret https://example.com', 'curl'],
  ['/usr/bin/curl x', 'curl'],
  ['TOKEN=a PATH=/x curl x', 'curl'],
  ['cd /tmp && curl x | wget y; ls', 'curl wget'],
  ['echo $(curl x)', 'curl'],
  ['echo `wget x`', 'wget'],
  ['if true; then nc -l 1; fi', 'nc'],
  ['sudo -u www curl x', 'curl'],
  ['env -i A=b timeout -k 5 10s curl x', 'curl'],
  ["bash -c 'curl x'", 'curl'],
  ['bash -ec "cd x; scp a b:"', 'scp'],
  ['xargs -n1 -P 4 curl < list', 'curl'],
  ['(ssh host true)', 'ssh'],
  ['"/opt/my tools/curl" x', ''],
  ['grep host curl', ''],
  ['echo curl', ''],
  ["sh -c 'echo curl'", ''],
  ['$CURL x', ''],
  ['./deploy.sh', ''],
  ['secret-of-somebody | cat', ''],
  ['git push; curl x; wget y; ssh z; ftp w', 'git curl wget ssh'],
  ['cmd /d /s /c "CURL.EXE x"', 'curl'],
  ['', ''],
];

for (const [line, programs] of LINES) {
  test(`network programs of ${JSON.stringify(line)}: ${programs || 'none'}`, () => {
    assert.equal(networkProgramsOf(line.split(' ')).join(' '), programs);
  });
}

test('a line of any length is looked at in time that grows with it', () => {
  const long = `${'sudo -u x '.repeat(20_000)}${'('.repeat(100_000)}${' \n'.repeat(100_000)}${' '.repeat(500_000)}curl`;
  assert.deepEqual(networkProgramsOf([long]), ['curl']);
});
