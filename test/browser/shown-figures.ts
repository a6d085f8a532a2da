/// <reference lib="dom" />
/** Every number and time on a page that names its place in the report, beside that place in `report --json`. */
import type { Page } from 'playwright-core';

export interface Figure {
  /** Path in the report, such as `destinations.3.bytesOut`. */
  readonly of: string;
  /** What the page means. */
  readonly value: string;
  /** What the page shows. */
  readonly text: string;
  readonly kind: 'count' | 'bytes' | 'time';
}

export async function figuresOn(page: Page): Promise<Figure[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-of]')].map((element) => ({
      of: element.dataset['of'] ?? '',
      value: (element instanceof HTMLTimeElement ? element.dateTime : element.getAttribute('value')) ?? '',
      text: element.textContent,
      kind: element instanceof HTMLTimeElement ? 'time' : element.dataset['unit'] === 'bytes' ? 'bytes' : 'count',
    })),
  );
}

/** @returns one line for each figure that is not what the report says, or not shown as what it is */
export function differences(figures: readonly Figure[], report: unknown): string[] {
  return figures.flatMap((figure) => {
    const expected = at(report, figure.of);
    if (String(expected) !== figure.value) return [`${figure.of}: ${figure.value}, expected ${String(expected)}`];
    return shows(figure) ? [] : [`${figure.of}: shows ${JSON.stringify(figure.text)} for ${figure.value}`];
  });
}

export function at(report: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], report);
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Read back as a person would: 25.6 kB is anything from 25,550 to 25,650 bytes. */
function shows({ kind, text, value }: Figure): boolean {
  if (kind === 'time') return text !== '';
  if (kind === 'count') return text.replaceAll(',', '') === value;
  const [, amount = '', unit = ''] = /^([\d,.]+) (\w+)$/.exec(text) ?? [];
  const size = 1000 ** UNITS.indexOf(unit.replace(/^byte$/, 'bytes'));
  return Math.abs(Number(amount.replaceAll(',', '')) * size - Number(value)) <= size * 0.0501;
}
