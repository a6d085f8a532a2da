import { placeholder } from './segment.ts';

/** Does a part of a name look like it was made for one person, request or device? Digits in numbers, hex, mixed runs. */
export function isIdShaped(text: string): boolean {
  if (/\d{4,}/.test(text) || text.includes('@')) return true;
  if (/[0-9a-f]{8,}/i.test(text) && /\d/.test(text)) return true;
  for (const run of text.split(/[^A-Za-z0-9]+/)) {
    if (run.length >= 8 && /\d/.test(run) && /[A-Za-z]/.test(run) && !/^[A-Za-z]+\d{1,3}$/.test(run)) return true;
    if (run.length >= 24) return true;
  }
  const kind = placeholder(text);
  return kind === '{uuid}' || kind === '{hex}';
}
