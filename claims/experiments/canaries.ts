/** Secrets that occur nowhere else, and the search for them in whatever form they may have been written down. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a secret looks like → a new one. */
const SHAPES = {
  hex: () => randomBytes(16).toString('hex'),
  base64: () => randomBytes(33).toString('base64'),
  uuid: () => randomUUID(),
  digits: () => `${randomInt(1e9, 9e9)}${randomInt(1e5, 9e5)}`,
  jwt: () =>
    [{ alg: 'HS256' }, { sub: randomUUID() }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.') + `.${randomBytes(32).toString('base64url')}`,
  'e-mail': () => `${word()}.${word()}@${word()}.example`,
  word: () => word(),
  words: () => `${word()}-${word()}-${word()}`,
} as const;

export type Shape = keyof typeof SHAPES;

export const ALL_SHAPES = Object.keys(SHAPES) as readonly Shape[];

/** Pronounceable and in no dictionary. */
function word(): string {
  return Array.from({ length: 5 }, () => `${'bdfgklmnprstvz'[randomInt(14)]}${'aeiou'[randomInt(5)]}`).join('');
}

/** position → shape → secret */
export type Secrets = Record<string, Partial<Record<Shape, string>>>;

export function secretsFor(positions: readonly string[], shapes: readonly Shape[]): Secrets {
  return Object.fromEntries(
    positions.map((position) => [position, Object.fromEntries(shapes.map((shape) => [shape, SHAPES[shape]()]))]),
  );
}

/** A secret that was found. */
export interface Found {
  readonly position: string;
  readonly shape: Shape;
  readonly where: string;
  readonly form: string;
}

/** All files below a folder, as bytes, by the path inside it. */
export function filesOf(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      files.set(relative(folder, path), readFileSync(path));
  }
  return files;
}

/** Looks for each secret in each text, whatever its case, in the forms in which a program may write it down. */
export function search(secrets: Secrets, texts: ReadonlyMap<string, Buffer>): Found[] {
  const found: Found[] = [];
  for (const [where, bytes] of texts) {
    const text = bytes.toString('latin1').toLowerCase();
    for (const [position, byShape] of Object.entries(secrets)) {
      for (const [shape, secret] of Object.entries(byShape)) {
        const form = Object.entries(formsOf(secret)).find(([, needle]) => text.includes(needle))?.[0];
        if (form !== undefined) found.push({ position, shape: shape as Shape, where, form });
      }
    }
  }
  return found;
}

function formsOf(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret);
  const forms = {
    plain: secret,
    'without signs': secret.replaceAll(/[^A-Za-z0-9]/g, ''),
    'percent-encoded': encodeURIComponent(secret),
    hex: bytes.toString('hex'),
    reversed: secret.split('').toReversed().join(''),
    'utf-16': Buffer.from(secret, 'utf16le').toString('latin1'),
    'JSON, escaped': JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
    ...Object.fromEntries([0, 1, 2].map((shift) => [`base64 at ${shift}`, inBase64(bytes, shift)])),
  };
  return Object.fromEntries(Object.entries(forms).map(([form, needle]) => [form, needle.toLowerCase()]));
}

/** What a text looks like in base64 that begins `shift` bytes before it, without the characters that depend on its neighbours. */
function inBase64(bytes: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  return encoded.slice(Math.ceil((shift * 8) / 6), (bytes.length + shift) % 3 === 0 ? undefined : -1);
}
