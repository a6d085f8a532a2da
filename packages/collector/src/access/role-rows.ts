import { parseCanonical } from '@outwitness/event';
import type { Journal } from '@outwitness/ledger';

/** Texts of the two newest rows about roles whose leaves are still there, newest first. */
export async function newestRoleTexts(journal: Journal): Promise<string[]> {
  const where = [
    { field: 'kind', value: 'control' },
    { field: 'event', value: 'role' },
  ];
  const texts: string[] = [];
  for await (const { leaf } of journal.scan({ order: 'newest', where, limit: 2 })) {
    texts.push(String(parseCanonical(leaf)['text']));
    if (texts.length === 2) break;
  }
  return texts;
}
