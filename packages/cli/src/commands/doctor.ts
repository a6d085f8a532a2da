import { dataDirAt } from '@outwitness/collector';
import { build, type BuildJson } from '../doctor/build.ts';
import { type DoctorJson, examine } from '../doctor/examination.ts';
import type { Thread } from '../doctor/threads.ts';
import { EXIT } from '../exit-codes.ts';
import { parseOptions } from '../options.ts';
import { colour, printJson, printResult } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness doctor [--build] [options]

Checks how programs are watched: each process and thread with its channels, the entry,
NODE_OPTIONS, Node.js versions, collector, spool and clock. Every finding says what was
expected, what was found and what to do. Changes nothing.

  --build      only the digest of each file of the agent, and the one that every hello carries
  --json       everything, as docs/reference/json.md describes
  --data DIR   default ./.outwitness

Exit code: 0 nothing found, 3 findings, 5 nothing but findings about coverage: no process
is watched, or some of what it does may go unseen.`;

/** Beside the common ones. */
export const OPTIONS = { build: { type: 'boolean' } } as const;

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('doctor', args, OPTIONS);
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`doctor: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  if (options.flag('build')) {
    const built = build();
    if (options.json) printJson(built);
    else printResult(buildText(built));
    return EXIT.ok;
  }
  const seen = await examine(dataDirAt(options.dir), process.env, version);
  if (options.json) printJson(seen);
  else printResult(text(seen));
  if (seen.findings.some(({ severity }) => severity === 'problem')) return EXIT.findings;
  return seen.findings.length > 0 ? EXIT.coverage : EXIT.ok;
}

function buildText({ agent, files }: BuildJson): string {
  return [
    `agent ${agent.version}  ${agent.digest ?? 'unreadable'}`,
    ...files.map((one) => `${one.sha256}  ${one.package}/${one.file}`),
  ].join('\n');
}

function text(seen: DoctorJson): string {
  const { collector, spool } = seen;
  const lines = [
    `data       ${seen.data}`,
    `outwitness ${seen.outwitness} on Node ${seen.node}, agent ${seen.agent.digest?.slice(0, 12) ?? 'unreadable'}`,
    `collector  ${collector.running ? `${collector.version} in process ${collector.pid}, ${collector.backlogBytes} bytes waiting` : 'not running'}`,
    `spool      ${spool.path}, mode ${spool.mode ?? '-'}, ${spool.bytes} bytes`,
    '',
    ...seen.threads.flatMap((one) => threadLines(one, seen.context)),
    '',
    ...seen.findings.flatMap((one) => [
      `${colour(one.severity === 'problem' ? 'red' : 'yellow', one.severity)}: ${one.text}`,
      `  Expected: ${one.expected}`,
      `  Found: ${one.got}`,
      `  What to do: ${one.action}`,
    ]),
  ];
  if (seen.findings.length === 0) lines.push(colour('green', 'Nothing found: every process shown is watched.'));
  return lines.join('\n');
}

/** From this Node on the asynchronous context costs next to nothing (docs/reference/attribution.md). */
const CHEAP_CONTEXT = 24;

function threadLines(one: Thread, context: string | null): string[] {
  const shown = one.channels.map(({ channel, state, records }) =>
    state === 'disabled' ? `${channel} (off)` : records > 0 ? `${channel} (${records} seen)` : channel,
  );
  return [
    `${one.app}  process ${one.pid}, thread ${one.thread}, ${one.state}, ${one.runtime}, agent ${one.agent} ${one.digest?.slice(0, 12) ?? ''}, by ${one.loaded}, last record ${one.lastRecord}`,
    `  channels: ${one.enabled ? shown.join(', ') : 'all off'}`,
    ...contextLines(one, context),
    ...(one.late.length > 0 ? [`  there before: ${one.late.join(', ')}`] : []),
  ];
}

/** Where the callers of calls that are made later are followed by less than everything. */
function contextLines({ runtime, state }: Thread, context: string | null): string[] {
  const major = Number(/^node\/(\d+)/.exec(runtime)?.[1] ?? CHEAP_CONTEXT);
  if (major >= CHEAP_CONTEXT || state === 'ended' || state === 'killed') return [];
  return context === 'on'
    ? ['  context: on, if it has been started since that was set']
    : [
        '  context: auto, which on this Node is off: callers of calls made later are followed in queues alone, unless it was started with OUTWITNESS_CONTEXT=on; "context": "on" in outwitness.config.json follows them everywhere',
      ];
}
