/// <reference lib="dom" />
/** The page: takes a file and a pin, shows the verdict. Evidence may hold anything, so it is only ever set as text. */
import type { Finding, Result, Verdict } from '../findings.ts';
import { withEvidence } from '../predecessor.ts';
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
/** The evidence of the ledger that the chosen one follows. */
let before: File | undefined;
let shown: Result | undefined;

input.addEventListener('change', () => {
  const files = [...(input.files ?? [])];
  // Else the same file, changed meanwhile, could not be chosen once more.
  input.value = '';
  void chooseAll(files);
});
get('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
for (const type of ['dragover', 'dragleave', 'drop'] as const) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.toggle('over', type === 'dragover');
    if (type === 'drop') void chooseAll([...(event.dataTransfer?.files ?? [])]);
  });
}

async function chooseAll(files: readonly File[]): Promise<void> {
  for (const file of files) await choose(file);
}

async function choose(file: File): Promise<void> {
  const text = file.size <= PIN_BYTES ? await file.text() : '';
  if (/^[^\s+]+\+[0-9a-f]{8}\+\S+\s*$/m.test(text) || /^\S+\n\d+\n\S+\n\n— /.test(text)) {
    pin.value = text;
    get('chosen').textContent = `${file.name} is a pin: it stands in the field now. Choose the evidence next.`;
    return;
  }
  const [was, said] = [chosen, shown];
  [chosen, before] = [file, undefined];
  get('chosen').textContent = `${file.name}, ${file.size.toLocaleString('en')} bytes`;
  await run();
  if (was === undefined || said === undefined || shown === undefined) return;
  // Of two files chosen one after the other, in either order, one may be of the ledger that the other follows.
  if (said.predecessor?.origin === shown.origin) [chosen, before] = [was, file];
  else if (shown.predecessor?.origin === said.origin) before = was;
  else return;
  get('chosen').textContent = `${chosen.name}, and ${before.name} of the record before it`;
  await run();
}

async function run(): Promise<void> {
  result.hidden = true;
  shown = undefined;
  problem.textContent = '';
  if (chosen === undefined) return void (problem.textContent = 'No file is chosen yet.');
  const file = chosen;
  const at = now.value.trim() === '' ? undefined : Date.parse(now.value.trim()) * 1000;
  if (Number.isNaN(at)) return void (problem.textContent = 'The time to judge at is no ISO 8601 time.');
  progress.hidden = false;
  button.disabled = true;
  try {
    const pins = pin.value.trim() === '' ? [] : [pin.value.trimStart()];
    const judge = async (one: File, more: readonly string[] = []): Promise<Result> =>
      verifyBlob(one, { pins: [...pins, ...more], ...(at === undefined ? {} : { now: at }) }, (done) => {
        progress.value = done / one.size;
      });
    const said = await judge(file);
    const { note = '' } = said.predecessor ?? {};
    shown = before === undefined ? said : withEvidence(said, await judge(before, note === '' ? [] : [note]));
    show(shown);
  } catch (error) {
    problem.textContent = (error as Error).message;
  }
  progress.hidden = true;
  button.disabled = false;
}

function show(said: Result): void {
  const { verdict, origin, size, range, pinned, findings, notChecked, predecessor } = said;
  const evidence = predecessor?.evidence ?? undefined;
  const [tone, meaning] = MEANING[verdict];
  get('banner').className = tone;
  get('verdict').textContent = verdict;
  get('meaning').textContent = meaning;
  const list = facts([
    ['Record', origin || 'unknown'],
    ['Rows judged', range[1] > range[0] ? `${range[0]} to ${range[1] - 1}` : 'none'],
    ['Rows signed for', `${size}`],
    ['Pinned', pinned ? 'yes' : 'no'],
    ...(predecessor === undefined
      ? []
      : [
          ['Follows', predecessor.origin] as const,
          ['Then said to be', predecessor.verdict] as const,
          ['Begun because', predecessor.why] as const,
          [
            'Its evidence',
            evidence === undefined
              ? 'not looked at: choose its bundle too'
              : `${evidence.verdict}, ${evidence.size} rows, ${evidence.findings} findings`,
          ] as const,
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
      const said = element('dd', visible(value));
      said.className = 'mono';
      return [element('dt', name), said];
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
