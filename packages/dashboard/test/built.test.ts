import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const APP = join(import.meta.dirname, '../dist/app');
/** JavaScript and CSS that the first page needs, gzip. */
const MOST_BYTES = 120 * 1024;

const page = readFileSync(join(APP, 'index.html'), 'utf8');

test('the first page needs at most 120 KB of JavaScript and CSS', () => {
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(([, path]) => path ?? '');
  assert.ok(named.some((path) => path.endsWith('.js')) && named.some((path) => path.endsWith('.css')));
  const size = named.reduce((sum, path) => sum + gzipSync(readFileSync(join(APP, path))).length, 0);
  assert.ok(size <= MOST_BYTES, `${size} bytes`);
});

test('nothing in it needs a weaker policy: no inline script or style, no address elsewhere', () => {
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)[^>]*>/);
  assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=/);
  for (const file of readdirSync(join(APP, 'assets'))) {
    const text = readFileSync(join(APP, 'assets', file), 'utf8');
    if (file.endsWith('.css')) assert.doesNotMatch(text, /url\(|@import/, file);
    assert.doesNotMatch(text, /\beval\(|new Function\(/, file);
  }
});

test('names of assets change with their content', () => {
  for (const file of readdirSync(join(APP, 'assets'))) assert.match(file, /-[\w-]{8}\.(?:js|css)$/);
});
