import type { Channel } from '@outwitness/event';
import { watchDns } from './channels/dns.ts';
import { watchFetch } from './channels/fetch.ts';
import { watchHttp } from './channels/http.ts';
import { watchHttpServer } from './channels/http-server.ts';
import { watchImap } from './channels/imap.ts';
import { watchPop3 } from './channels/pop3.ts';
import { watchProcess } from './channels/process.ts';
import { watchHttp2 } from './channels/http2.ts';
import { watchHttp2Server } from './channels/http2-server.ts';
import { watchNative } from './channels/native.ts';
import { watchWorker } from './channels/worker.ts';
import { watchReceived } from './channels/received.ts';
import { watchListen, watchServers } from './channels/servers.ts';
import { watchSmtp } from './channels/smtp.ts';
import { ownerOf, watchTcp } from './channels/tcp.ts';
import { watchTls } from './channels/tls.ts';
import { watchUndici } from './channels/undici.ts';
import { watchUdp } from './channels/udp.ts';
import { watchUnix } from './channels/unix.ts';
import { watchWebsocket } from './channels/websocket.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Guards, Point, Watch } from './guard.ts';
import { findInternals, type Internals } from './internals.ts';
import { builtinsHeld } from './own-builtins.ts';
import type { Origin, Ports } from './ports.ts';
import { Recorder } from './recorder.ts';
import { createStamp } from './stamp.ts';

export interface InstallOptions {
  /** Channels that are off from the start; each falls through to the next lower one. */
  disabledChannels?: readonly Channel[];
  /** `false` leaves everything in place and records nothing. Default `true`. */
  enabled?: boolean;
  clock?: Clock;
}

/** The watcher of this thread. */
export interface Watcher {
  /** Channels that could be put in place here. */
  readonly channels: readonly Channel[];
  /** How often a guard caught something of ours. */
  readonly faults: number;
  /** The guards by name. A test of fail-open replaces the hooks of one and watches `faults`. */
  readonly points: ReadonlyMap<string, Point | Watch>;
  /** For a host that wraps functions itself: the same fail-open guard, counted with the watcher's own. */
  readonly guards: Guards;
  setDisabled(channels: readonly Channel[]): void;
  setEnabled(enabled: boolean): void;
  /** Looks whether what the watcher stands on is still there, and records what is not. To be called now and then. */
  check(): void;
  /** To be called when the process or thread ends: what is under way is recorded with what has passed until now. */
  end(): void;
  /** To be called when the redaction port answers differently from now on. */
  redactionChanged(): void;
  /** Takes everything back that can be: locked internals give their originals again. */
  uninstall(): void;
}

const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');

let active: Watcher | undefined;

/**
 * Puts the watcher in place. A second call returns the watcher that is already there; its ports stay.
 *
 * @example
 * const watcher = install({ attributor, redaction, sink }, { disabledChannels: ['dns'] });
 */
export function install(ports: Ports, options: InstallOptions = {}): Watcher {
  if (active !== undefined) return active;
  const recorder = new Recorder(ports, options.clock ?? systemClock);
  recorder.disabled = new Set(options.disabledChannels);
  recorder.enabled = options.enabled ?? true;
  const channels = putInPlace(recorder);
  recorder.footing.expect('a built-in function that the watcher calls was replaced for good', builtinsHeld);
  const watcher: Watcher = {
    channels,
    get faults() {
      return recorder.guards.faults;
    },
    points: recorder.guards.points,
    guards: recorder.guards,
    setDisabled(disabled) {
      recorder.disabled = new Set(disabled);
    },
    setEnabled(enabled) {
      if (!enabled) recorder.unopened?.pause();
      recorder.enabled = enabled;
    },
    check: recorder.guards
      .listener(
        recorder.guards.watch('footing.check', () => recorder.footing.lost().forEach((text) => recorder.changed(text))),
      )
      .bind(undefined, undefined),
    end: recorder.guards
      .listener(recorder.guards.watch('recorder.end', () => recorder.connectionRecords.endAll()))
      .bind(undefined, undefined),
    redactionChanged: () => recorder.forgetHosts(),
    uninstall() {
      recorder.enabled = false;
      recorder.footing.forget();
      recorder.patches.undoAll();
      syncBuiltinESMExports();
      if (active === watcher) active = undefined;
    },
  };
  active = watcher;
  return watcher;
}

const NOTHING: Internals = {
  TCP: undefined,
  Pipe: undefined,
  UDP: undefined,
  Process: undefined,
  spawnSync: undefined,
  inspector: undefined,
  ChannelWrap: undefined,
  cares: undefined,
  tls: undefined,
  owner: undefined,
};

/** One channel that cannot be put in place does not cost the others. */
function putInPlace(recorder: Recorder): Channel[] {
  const channels: Channel[] = [];
  const start = (names: readonly Channel[], watch: () => void, label = names.join('+')): void => {
    const place = recorder.guards.watch(`install.${label}`, watch);
    try {
      watch();
      channels.push(...names);
    } catch (error) {
      recorder.guards.fault(place, error);
    }
  };
  let internals: Internals | undefined;
  start(
    [],
    () => {
      internals = findInternals();
    },
    'internals',
  );
  const { TCP, Pipe, UDP, Process, spawnSync, inspector, ChannelWrap, cares, tls, owner } = internals ?? NOTHING;
  recorder.owner = owner;
  const listeners = createStamp<Origin>();
  const isOwned = (handle: object): boolean => ownerOf(handle, owner) !== undefined;

  if (TCP !== undefined) {
    start(
      ['tcp', 'smtp', 'imap', 'pop3'],
      () => {
        watchTcp(recorder, TCP, owner);
        watchListen(recorder, TCP, 'tcp', isOwned);
        watchReceived(recorder);
        // A mail session is a tcp connection of which more is known.
        watchSmtp(recorder);
        watchImap(recorder);
        watchPop3(recorder);
      },
      'tcp',
    );
  }
  if (Pipe !== undefined) {
    start(['unix'], () => {
      watchUnix(recorder, Pipe, owner);
      watchListen(recorder, Pipe, 'unix', isOwned);
    });
  }
  recorder.complete = channels.includes('tcp') && channels.includes('unix');
  if (UDP !== undefined) start(['udp'], () => watchUdp(recorder, UDP, owner));
  start(['tls'], () => watchTls(recorder, tls));
  if (ChannelWrap !== undefined) start(['dns'], () => watchDns(recorder, cares, ChannelWrap));
  start(['http'], () => {
    watchServers(recorder, listeners);
    watchHttp(recorder);
    watchHttpServer(recorder, listeners);
  });
  start(['undici', 'websocket'], () => {
    watchUndici(recorder);
    watchFetch(recorder);
    watchWebsocket(recorder);
  });
  start(['http2'], () => {
    watchHttp2(recorder);
    watchHttp2Server(recorder, listeners);
  });
  if (Process !== undefined) start(['process'], () => watchProcess(recorder, Process, spawnSync));
  start(['worker'], () => watchWorker(recorder));
  start(['native'], () => {
    watchNative(recorder, inspector);
    // The names that ESM modules imported follow what was replaced, and at the end what was put back.
    syncBuiltinESMExports();
  });
  return channels;
}
