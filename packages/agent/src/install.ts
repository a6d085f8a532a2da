import crypto from 'node:crypto';
import { isMainThread, threadId } from 'node:worker_threads';
import { install as installWatcher, systemClock, withOwnBuiltins } from '@outwitness/interceptor';
import { SpoolWriter, writerName } from '@outwitness/spool';
import { activeAgent, type ActiveAgent, takePlace } from './active.ts';
import { application } from './application.ts';
import { AdaptiveWalks } from './attribution/adaptive-walks.ts';
import { StackAttributor } from './attribution/attributor.ts';
import { randomBytes } from './attribution/random-byte.ts';
import { startBeats } from './beats.ts';
import { dataDirectory, makeDirectories } from './data-directory.ts';
import { hello, type Loaded } from './hello.ts';
import { Express } from './hosts/express.ts';
import { NestControllers } from './hosts/nest-controllers.ts';
import { NodeRed } from './hosts/node-red.ts';
import { plugInsOf } from './hosts/plug-ins.ts';
import { Units } from './hosts/units.ts';
import { late } from './late.ts';
import { ChildPrograms } from './child-programs.ts';
import { digest, hookFolders, loadedFolders } from './own-files.ts';
import { OwnCalls } from './own-calls.ts';
import { CurrentRedaction } from './redaction/current.ts';
import { guardDescriptor } from './self-watch/descriptor-guard.ts';
import { startCollector } from './self-start.ts';
import { answerSettings } from './settings-answer.ts';
import { type AgentSettings, DEFAULT_SETTINGS, SettingsFile } from './settings.ts';
import { SpoolSink } from './sink.ts';
import { takeOwnStart } from './thread-start.ts';
import { Timers } from './timers.ts';
import { watchTransports } from './transports/watch.ts';
import { VERSION } from './version.ts';

const SETTINGS_MS = 1000;

export interface InstallOptions {
  /** How the agent came into the process. Default `register`. */
  loaded?: Loaded;
  /** `false`: programs and threads that this process starts are given the agent only if they inherit it. Default `true`. */
  children?: boolean;
}

/** What {@link install} found or did. */
export interface Installed {
  /** Did this call put the agent in place? */
  installed: boolean;
  /** The agent that watches this thread now. */
  active: ActiveAgent;
  /** Says `bye` and closes the spool file before the process ends: for a collector that drains its own. */
  end(): void;
}

/**
 * Puts the agent in place in this thread: watcher, attribution, redaction, spool. Idempotent, across copies and versions too: the first one stays and is named.
 *
 * Reads `OUTWITNESS_DATA` and `OUTWITNESS_APP`; takes over `agent.json` of the data directory now and at each change. Keeps no process alive. An exception from here means that nothing was put in place.
 */
export function install(options: InstallOptions = {}): Installed {
  const before = activeAgent();
  const active: ActiveAgent = { version: VERSION, url: import.meta.url };
  if (before !== undefined) {
    if (before.url !== active.url) {
      before.secondCopy?.(VERSION);
      sayWhoIsActive(before, active);
    }
    return { installed: false, active: before, end: () => undefined };
  }

  const start = takeOwnStart();
  // A thread with an environment of its own is told what its agent needs, and keeps that environment.
  const env: NodeJS.ProcessEnv = start === undefined ? process.env : { ...process.env, ...start.env };
  const data = dataDirectory(env);
  makeDirectories(data);
  const early: string[] = [];
  let spoolOnly = (reason: string): void => void early.push(reason);
  // Before the watcher: this child is ours and no call of the application.
  const ownCalls = new OwnCalls();
  if (isMainThread)
    startCollector(
      data,
      env,
      (reason) => spoolOnly(reason),
      (run) => ownCalls.make(run),
    );
  const settingsFile = new SettingsFile(data.settings);
  let settings: AgentSettings = settingsFile.poll() ?? DEFAULT_SETTINGS;

  const attributor = new StackAttributor({
    hookFolders: hookFolders(),
    blinded: (text) => sink.record({ kind: 'hook', time: systemClock.wall(), event: 'blinded', text }),
    ownCall: () => ownCalls.underWay,
  });
  const walks = new AdaptiveWalks({
    exact: attributor,
    now: () => systemClock.monotonic(),
    randomByte: randomBytes(),
  });
  walks.adaptive = settings.attribution === 'adaptive';
  const context = settings.context === 'on' || contextIsCheap(env);
  if (context) {
    const nodeRed = new NodeRed();
    attributor.addHost(nodeRed);
    nodeRed.watch();
  }
  const units = new Units(attributor);
  // Frames of frameworks stand on every stack, also where nothing more is known of them.
  attributor.addHost(units);
  const express = new Express(units, () => watcher.guards);
  const controllers = new NestControllers(units, () => watcher.guards);
  const sink = new SpoolSink((name, version) => attributor.describe(name, version));
  const redaction = new CurrentRedaction(settings);
  const who = {
    application: application(env['OUTWITNESS_APP'], process.argv[1], attributor.packages),
    agent: VERSION,
    digest: digest(loadedFolders()),
    loaded: options.loaded ?? 'register',
    late: late(attributor.packages),
  };
  const children = new ChildPrograms(env, data.spool, options.loaded === 'require', ownCalls, () => writer);
  const watcher = installWatcher(
    { attributor: walks, redaction, sink, ...(options.children === false ? {} : { children }) },
    { disabledChannels: settings.disabled, enabled: settings.enabled },
  );
  watchTransports(attributor, watcher.guards, {
    context,
    enabled: () => settings.enabled,
    hosts: context ? express.files : [],
  });
  const secondCopy = withOwnBuiltins((version: string) => {
    const text = `agent ${version} was loaded too and does nothing: ${VERSION} watches this process`;
    writer.writeNow({ kind: 'gap', time: systemClock.wall(), event: 'second-copy', text, missing: 0, count: 1 });
  });
  takePlace({ ...active, plugIns: plugInsOf(units, watcher.guards, express, controllers), secondCopy });
  if (context) controllers.watch();

  const writer = new SpoolWriter({
    directory: data.spool,
    writer: writerName(process.pid, threadId, Date.now(), crypto.randomBytes(4).toString('hex')),
    pid: process.pid,
    hello: (segment) => hello({ ...who, channels: watcher.channels }, segment, settings.disabled, systemClock),
    faults: () => watcher.faults,
    now: () => systemClock.wall(),
    monotonic: () => systemClock.monotonic(),
    schedule: (flush) => setImmediate(withOwnBuiltins(flush)).unref(),
  });
  const timers = new Timers(systemClock);
  sink.attach(writer, timers);
  spoolOnly = (text) =>
    writer.writeNow({ kind: 'gap', time: systemClock.wall(), event: 'degraded', text, missing: 0, count: 1 });
  early.forEach(spoolOnly);
  guardDescriptor((fd) => fd === writer.fd);
  answerSettings(writer, settings, undefined, systemClock);
  timers.every(SETTINGS_MS, () => {
    const changed = settingsFile.poll();
    if (changed === undefined) return;
    const previous = settings;
    settings = changed;
    redaction.apply(settings);
    walks.adaptive = settings.attribution === 'adaptive';
    watcher.redactionChanged();
    watcher.setDisabled(settings.disabled);
    watcher.setEnabled(settings.enabled);
    answerSettings(writer, settings, previous, systemClock);
  });
  startBeats(
    timers,
    writer,
    systemClock,
    () => watcher.faults,
    () => watcher.check(),
  );
  const onExit = withOwnBuiltins((code: number) => {
    watcher.check();
    watcher.end();
    writer.end(isMainThread ? 'exit' : 'worker', code & 0xff);
  });
  process.on('exit', onExit);
  return { installed: true, active, end: () => writer.end('exit') };
}

/** An asynchronous context costs next to nothing from Node 24 on; below it is asked for. */
function contextIsCheap(env: NodeJS.ProcessEnv): boolean {
  return Number.parseInt(process.versions.node, 10) >= 24 || env['OUTWITNESS_CONTEXT'] === 'on';
}

function sayWhoIsActive(before: ActiveAgent, active: ActiveAgent): void {
  process.emitWarning(
    `Outwitness ${before.version} (${before.url}) watches this process: the copy ${active.version} (${active.url}) does nothing. Load one of them only.`,
    { code: 'OUTWITNESS_SECOND_COPY' },
  );
}
