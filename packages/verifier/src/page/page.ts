/// <reference lib="dom" />
/** The page: takes a file and a pin, shows the verdict. Evidence may hold anything, so it is only ever set as text. */
import type { Finding, Result, Verdict } from '../findings.ts';
import { verifyBlob } from './verify-blob.ts';

/** Files so small that they are a pin and no evidence. */
const PIN_BYTES = 16_384;
const MEANING: Record<Verdict, [tone: string, text: string]> = {
  VERIFIED: ['ok', 'Every check passed, and the key that signed is the one you knew before.'],
  UNANCHORED: ['warn', 'The file agrees with itself. Whether it is the true record nobody can say without a pin.'],
  STALE: ['warn', 'Nothing is wrong with what is here, but the newest statement is old: later rows may be withheld.'],
  INCOMPLETE: ['warn', 'What is here is in order, but rows are known to be missing or left out.'],
  UNVERIFIABLE: ['warn', 'The file cannot be judged.'],
  POLICY: ['bad', 'Rows were removed in a way that the policy in force did not allow.'],
  ROLLBACK: ['bad', 'This is an older state of the record than one that is known to have existed.'],
  TAMPERED: ['bad', 'The record was changed after it was written, or it is not the one you pinned.'],
};

const get = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const [input, now] = [get('file') as HTMLInputElement, get('now') as HTMLInputElement];
const [pin, progress] = [get('pin') as HTMLTextAreaElement, get('progress') as HTMLProgressElement];
const [result, problem] = [get('result'), get('problem')];
const button = document.querySelector('button') as HTMLButtonElement;
let chosen: File | undefined;

input.addEventListener('change', () => {
  const [file] = input.files ?? [];
  // Else the same file, changed meanwhile, could not be chosen once more.
  input.value = '';
  void choose(file);
});
get('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
for (const type of ['dragover', 'dragleave', 'drop'] as const) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.toggle('over', type === 'dragover');
    if (type === 'drop') void choose(event.dataTransfer?.files[0]);
  });
}

async function choose(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  const text = file.size <= PIN_BYTES ? await file.text() : '';
  if (/^[^\s+]+\+[0-9a-f]{8}\+\S+\s*$/m.test(text) || /^\S+\n\d+\n\S+\n\n— /.test(text)) {
    pin.value = text;
    get('chosen').textContent = `${file.name} is a pin: it stands in the field now. Choose the evidence next.`;
    return;
  }
  chosen = file;
  get('chosen').textContent = `${file.name}, ${file.size.toLocaleString('en')} bytes`;
  await run();
}

async function run(): Promise<void> {
  result.hidden = true;
  problem.textContent = '';
  if (chosen === undefined) return void (problem.textContent = 'No file is chosen yet.');
  const file = chosen;
  const at = now.value.trim() === '' ? undefined : Date.parse(now.value.trim()) * 1000;
  if (Number.isNaN(at)) return void (problem.textContent = 'The time to judge at is no ISO 8601 time.');
  progress.hidden = false;
  button.disabled = true;
  try {
    const pins = pin.value.trim() === '' ? [] : [pin.value.trimStart()];
    const onBytes = (done: number): void => void (progress.value = done / file.size);
    show(await verifyBlob(file, { pins, ...(at === undefined ? {} : { now: at }) }, onBytes));
  } catch (error) {
    problem.textContent = (error as Error).message;
  }
  progress.hidden = true;
  button.disabled = false;
}

function show(said: Result): void {
  const { verdict, origin, size, range, pinned, findings, notChecked, predecessor: before } = said;
  const [tone, meaning] = MEANING[verdict];
  get('banner').className = tone;
  get('verdict').textContent = verdict;
  get('meaning').textContent = meaning;
  const list = facts([
    ['Record', origin || 'unknown'],
    ['Rows judged', range[1] > range[0] ? `${range[0]} to ${range[1] - 1}` : 'none'],
    ['Rows signed for', `${size}`],
    ['Pinned', pinned ? 'yes' : 'no'],
    ...(before === undefined
      ? []
      : [
          ['Follows', before.origin] as const,
          ['Then said to be', before.verdict] as const,
          ['Begun because', before.why] as const,
        ]),
  ]);
  get('facts').replaceChildren(...list.childNodes);
  const title = element('h3', findings.length === 0 ? 'No findings' : `Findings (${findings.length})`);
  get('findings').replaceChildren(title, element('ol', '', findings.map(describe)));
  get('not-checked').replaceChildren(...notChecked.map((text) => element('li', visible(text))));
  get('json').textContent = JSON.stringify(said, undefined, 2);
  result.hidden = false;
  result.focus();
}

function describe({ code, severity, seq, expected, got, text }: Finding): HTMLElement {
  const where = seq < 0 ? '' : `, row ${seq}`;
  const head = element('p', `${severity}${where}: ${visible(text)}`);
  const values = facts([
    ['Code', code],
    ...(expected === '' && got === ''
      ? []
      : [['Expected', expected || 'nothing'] as const, ['Got', got || 'nothing'] as const]),
  ]);
  const item = element('li', '', [head, values]);
  item.className = MEANING[severity][0];
  return item;
}

function facts(pairs: (readonly [name: string, value: string])[]): HTMLElement {
  return element(
    'dl',
    '',
    pairs.flatMap(([name, value]) => {
      const shown = element('dd', visible(value));
      shown.className = 'mono';
      return [element('dt', name), shown];
    }),
  );
}

function element(tag: string, text: string, children: HTMLElement[] = []): HTMLElement {
  const made = document.createElement(tag);
  made.append(text, ...children);
  return made;
}

/** Nothing of the evidence may turn the direction of writing round or hide what stands beside it. */
function visible(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\u{FFFD}');
}
