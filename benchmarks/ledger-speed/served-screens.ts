/** What a person waits for: the Trust Report and pages of the journal, over the API of the dashboard and on the command line. */
import { startOutwitness } from '../../claims/system/outwitness.ts';
import { type Session, openSession } from '../../claims/system/served-report.ts';
import { type Figure, quantile } from './figures.ts';
import { measureNode } from './measured-program.ts';
import { OUTWITNESS } from './programs.ts';

const REPORT_MS = 50;
const PAGE_MS = 100;
/** Requests of each kind after the first, which fills what is kept in memory and is told apart. */
const REQUESTS = 20;

interface Shown {
  readonly leaf: string;
}

interface Leaf {
  readonly host?: string;
  readonly package?: string;
  readonly time: number;
}

export async function servedScreens(folder: string, rows: number): Promise<Figure[]> {
  const running = startOutwitness(['serve', '--read-only', '--data', folder]);
  try {
    const session = await openSession(running);
    return [...(await overApi(session, rows)), ...(await onCommandLine(folder, rows))];
  } finally {
    running.child.kill('SIGINT');
    await running.ended;
  }
}

async function overApi(session: Session, rows: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const measure = async (work: string, path: () => string, budgetMs: number): Promise<void> => {
    const times: number[] = [];
    for (let at = 0; at <= REQUESTS; at++) {
      const began = performance.now();
      await session.get(path());
      times.push(performance.now() - began);
    }
    const [first = 0, ...more] = times;
    const [half, most] = [quantile(more, 0.5), quantile(more, 0.95)];
    figures.push({
      work,
      rows,
      value: `median ${half.toFixed(0)} ms, 95th percentile ${most.toFixed(0)} ms (first ${first.toFixed(0)} ms)`,
      budget: budgetMs === 0 ? '' : `95th <= ${budgetMs} ms`,
      ...(budgetMs === 0 ? {} : { held: most <= budgetMs }),
    });
  };
  let ends = Date.now();
  const anew = (): string => `/api/report?to=${new Date((ends -= 1000)).toISOString()}`;
  await measure('report of 24 hours, made anew', anew, REPORT_MS);
  await measure('report of the newest 24 hours, shared within a second', () => '/api/report', REPORT_MS);
  const page = ((await session.get('/api/rows?limit=100&where=kind%3Dnet')) as { rows: Shown[] }).rows.map(leafOf);
  const seldom = page.find(({ host }) => host !== undefined);
  const where = (filter: string): string => `/api/rows?limit=100&where=${encodeURIComponent(filter)}`;
  let at = 0;
  const seq = (): number => (at = (at + 7_919_003) % rows);
  const oldest = leafOf((await session.get('/api/rows/0')) as Shown).time;
  const newest = page[0]?.time ?? oldest;
  const time = (): string => new Date((oldest + ((newest - oldest) * seq()) / rows) / 1000).toISOString();
  await measure('journal page: newest', () => '/api/rows?limit=100', PAGE_MS);
  await measure('journal page: before a number', () => `/api/rows?limit=100&after=${seq()}`, PAGE_MS);
  await measure('journal page: from a time', () => `/api/rows?limit=100&order=oldest&from=${time()}`, PAGE_MS);
  await measure('journal page: of a host', () => where(`host=${seldom?.host}`), PAGE_MS);
  await measure('journal page: of a package', () => where(`package=${seldom?.package}`), PAGE_MS);
  await measure('journal page: of a class', () => where('class=vendor'), PAGE_MS);
  await measure('journal page: of a channel', () => where('channel=process'), PAGE_MS);
  await measure('journal page: of an outcome', () => where('outcome=refused'), PAGE_MS);
  await measure('journal page: first slice of a filter without index (status)', () => where('status=404'), 0);
  return figures;
}

async function onCommandLine(folder: string, rows: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [work, args] of [
    ['outwitness report --json', ['report', '--json']],
    [
      'outwitness journal --where outcome=refused --limit 100',
      ['journal', '--where', 'outcome=refused', '--limit', '100'],
    ],
  ] as const) {
    const { code, wallMs, rssMiB } = await measureNode([OUTWITNESS, ...args, '--data', folder]);
    if (code !== 0 && code !== 3) throw new Error(`${work} ended with ${code}, expected 0 or 3`);
    figures.push({ work, rows, value: `${wallMs.toFixed(0)} ms, ${rssMiB.toFixed(0)} MiB`, budget: '' });
  }
  return figures;
}

function leafOf({ leaf }: Shown): Leaf {
  return JSON.parse(leaf) as Leaf;
}
