/** Takes the recipes out of docs/guide/loading.md and puts this clone in the place of an installation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guide/loading.md'), 'utf8');

/** Where things lie in a test. */
export interface Places {
  readonly data: string;
  /** The Node.js that stands in units. */
  readonly node?: string;
}

/** The code blocks under a heading, oldest first, with the places of the guide replaced. */
export function recipes(heading: string, places: Places): string[] {
  const [, section] = GUIDE.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`docs/guide/loading.md has no section "${heading}"`);
  const [text = ''] = section.split('\n## ');
  const blocks = [...text.matchAll(/^```[a-z]+\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  if (blocks.length === 0) throw new Error(`"${heading}" of docs/guide/loading.md shows no recipe`);
  return blocks.map((block) =>
    block
      .replaceAll('/opt/outwitness/node_modules/outwitness', join(ROOT, 'packages/cli'))
      .replaceAll('/var/lib/outwitness', places.data)
      .replaceAll('/usr/bin/node', places.node ?? process.execPath),
  );
}
