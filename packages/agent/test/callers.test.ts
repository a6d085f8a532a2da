import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, it } from 'node:test';
import { type Guards, install } from '@outwitness/interceptor';
import type { Finding } from '../src/attribution/responsible.ts';
import { Callers, type Noting } from '../src/transports/callers.ts';

const weak: Finding = { origin: { package: 'pool', via: ['pool'], basis: 'transport' }, owner: undefined, weak: true };
const strong = (name: string): Finding => ({
  origin: { package: name, site: `${name}.js:1:1`, via: ['pool'], chain: ['pool', name], basis: 'stack' },
  owner: undefined,
  weak: false,
});
const ports = {
  attributor: { capture: () => ({ basis: 'none' }) as const },
  redaction: {
    target: () => ({ path: '/', queryKeys: [], fingerprint: '' }),
    headerNames: () => [],
    localPath: () => '',
  },
  sink: { intent: () => undefined, record: () => undefined },
};

/** What the stack would say; a test sets it where a package calls. */
let stack: Finding = weak;
const watcher = install(ports, { enabled: false });
const guards: Guards = watcher.guards;
const by = (name: string, call: () => unknown): unknown => {
  stack = strong(name);
  try {
    return call();
  } finally {
    stack = weak;
  }
};

describe('callers of a transport', () => {
  let callers: Callers;
  let noting: Noting;
  const who = (finding = weak): string | undefined => callers.noted(finding)?.origin.package;

  beforeEach(() => {
    callers = new Callers({ walk: () => stack, guards, context: true, enabled: () => true });
    noting = callers.noting('pool', []);
  });

  it('are known when the transport makes its call later', async () => {
    class Client {
      async send(): Promise<string | undefined> {
        await turn();
        return who();
      }
    }
    noting.enter(Client.prototype, 'send');
    const client = new Client();
    const both = [by('one', () => client.send()), by('two', () => client.send())];
    assert.deepEqual(await Promise.all(both), ['one', 'two']);
    assert.equal(who(), undefined, 'and nowhere else');
    const found = await by('one', () => client.send());
    assert.equal(found, 'one');
  });

  it('are answered with basis `async`, and only for a stack with a carrier of theirs', async () => {
    const seen: unknown[] = [];
    const target = {
      send: async () => {
        await turn();
        seen.push(
          callers.noted(weak)?.origin,
          callers.noted({ ...weak, origin: { via: ['got'], basis: 'transport' } }),
        );
        seen.push(callers.noted({ ...weak, origin: { basis: 'none' } }));
      },
    };
    noting.enter(target, 'send');
    await by('one', () => target.send());
    assert.deepEqual(seen, [{ ...strong('one').origin, basis: 'async' }, undefined, undefined]);
  });

  it('are nobody where nobody stood on the stack either', async () => {
    const target = { send: async () => (await turn(), who()) };
    noting.enter(target, 'send');
    assert.equal(await target.send(), undefined);
  });

  it('stay with their item of a queue, whoever’s end sets it off', () => {
    const queue: object[] = [];
    const pool = {
      ask: (item: object) => queue.push(item),
      serve: (_item: object) => who(),
    };
    noting.mark(pool, 'ask', (_self, args) => args[0]);
    noting.resume(pool, 'serve', (_self, args) => args[0]);
    by('one', () => pool.ask({}));
    by('two', () => pool.ask({}));
    const ends = { end: () => queue.map((item) => pool.serve(item)) };
    noting.enter(ends, 'end');
    assert.deepEqual(
      by('three', () => ends.end()),
      ['one', 'two'],
    );
    const unmarked = { end: () => pool.serve({}) };
    noting.enter(unmarked, 'end');
    stack = weak;
    const answer = unmarked.end();
    assert.equal(answer, undefined, 'an item that nobody marked is not the ender’s');
  });

  it('stay with what is dispatched again: the same handler, or the same options from a queue', () => {
    const dispatcher = { dispatch: (_options: object, _handler: object) => who() };
    noting.relay(dispatcher, 'dispatch');
    const [options, handler] = [{}, {}];
    by('one', () => dispatcher.dispatch(options, handler));
    assert.equal(dispatcher.dispatch({}, handler), 'one');
    assert.equal(dispatcher.dispatch(options, {}), 'one');
    assert.equal(dispatcher.dispatch({}, {}), undefined);
  });

  it('of a class that is made by them are noted on the instance', () => {
    class Query extends Promise<void> {
      send(): string | undefined {
        return who();
      }
    }
    noting.markCreation(Query);
    noting.resume(Query.prototype, 'send', (self) => self);
    const query = by('one', () => new Query((done) => done())) as Query;
    assert.equal(query.send(), 'one');
    assert.ok(query instanceof Query && query instanceof Promise);
    assert.deepEqual(Object.getOwnPropertyNames(query), []);
  });

  it('cost the transport nothing that it could see: name, length, attributes, `this`, answers and errors stay', () => {
    class Client {
      tag = 'x';
      send(a: number, b: number): string {
        if (a < 0) throw new RangeError('no');
        return `${this.tag}${a + b}`;
      }
    }
    const before = Object.getOwnPropertyDescriptor(Client.prototype, 'send');
    noting.enter(Client.prototype, 'send');
    const valueOf = (): Function => Object.getOwnPropertyDescriptor(Client.prototype, 'send')?.value as Function;
    const once = valueOf();
    noting.enter(Client.prototype, 'send');
    assert.equal(valueOf(), once, 'twice adapted is once adapted');
    const after = Object.getOwnPropertyDescriptor(Client.prototype, 'send');
    assert.deepEqual({ ...after, value: 0 }, { ...before, value: 0 });
    assert.deepEqual([once.name, once.length], ['send', 2]);
    assert.equal(new Client().send(1, 2), 'x3');
    assert.throws(() => new Client().send(-1, 2), RangeError);
    noting.enter(Client.prototype, 'absent');
    noting.enter(undefined, 'absent');
    assert.equal('absent' in Client.prototype, false);
  });

  it('fail open: what goes wrong in ours is counted, and the transport works', () => {
    const target = { send: () => 'sent' };
    const broken = new Callers({
      walk: () => {
        throw new Error('planted');
      },
      guards,
      context: true,
      enabled: () => true,
    });
    broken.noting('pool', []).enter(target, 'send');
    const faults = watcher.faults;
    assert.equal(target.send(), 'sent');
    assert.equal(watcher.faults, faults + 1);
  });
});
