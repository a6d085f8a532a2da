/** A small application under a real `outwitness run` with a catalogue, packages with and without a manifest. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';

import { outwitness, type Running, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

/** `*.test` names lead to the depot of the test; each package makes one call. */
const CLIENT = `
const http = require('node:http');
const lookup = (_host, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
exports.send = (host, path, body) => new Promise((resolve, reject) => {
  const request = http.request({ host, path, lookup, port: process.env.DEPOT, method: 'POST', agent: false }, (answer) => {
    answer.resume();
    answer.on('end', resolve);
  });
  request.on('error', reject);
  request.end(body);
});
`;
const APP = `
const http = require('node:http');
const licence = require('licence'), parcels = require('parcels'), beacon = require('beacon');
http.createServer(async (_request, response) => {
  await licence.send('licence.acme.test', '/check', 'a key');
  await parcels.send('api.parcels.test', '/parcel', 'a parcel'.repeat(30));
  await parcels.send('stray.parcels.test', '/stray', 'a stray parcel');
  await beacon.send('beacon.test', '/b', 'who knows');
  response.end('sent\\n');
}).listen(0, '127.0.0.1', function () { console.log('office at ' + this.address().port); });
`;
const CATALOGUE = {
  version: 1,
  vendors: [
    {
      name: 'Acme',
      watched: true,
      components: [
        {
          id: 'licence',
          name: 'Licence check',
          hosts: ['licence.acme.test'],
          methods: ['POST'],
          purpose: 'Allows it to run',
        },
        { id: 'other', hosts: ['*.acme.test', 'acme.test'] },
      ],
    },
    { name: 'Courier', components: [{ id: 'strays', hosts: ['stray.parcels.test'] }] },
  ],
  internal: ['*.corp.test'],
  acknowledged: [{ pair: 'beacon -> other.test:443', why: 'looked at in March' }],
};
const MANIFEST = {
  endpoints: [
    { host: 'api.parcels.test', purpose: 'Sends parcels', data: ['addresses'], maxBytesOutPerDay: 100 },
    { host: 'unused.parcels.test', purpose: 'Tracks them' },
  ],
};
/** Calls out of one sending. */
export const CALLS_OUT = 4;

export interface Office {
  readonly data: string;
  readonly catalogue: string;
  readonly url: string;
  readonly link: string;
  send(): Promise<void>;
  run(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function cataloguedOffice(): Promise<Office> {
  const folder = temporaryFolder('office');
  const data = join(folder.path, 'data');
  const write = (path: string, text: string): void => writeFileSync(join(folder.path, path), text);
  for (const [name, more] of [
    ['licence', {}],
    ['parcels', { egress: MANIFEST }],
    ['beacon', {}],
  ] as const) {
    mkdirSync(join(folder.path, 'node_modules', name), { recursive: true });
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js', ...more }));
    write(`node_modules/${name}/index.js`, CLIENT);
  }
  write('office.cjs', APP);
  write('catalogue.json', JSON.stringify(CATALOGUE));
  write('outwitness.config.json', JSON.stringify({ app: 'office', catalogue: 'catalogue.json' }));
  const depot = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('received'));
  });
  depot.listen(0, '127.0.0.1');
  await once(depot, 'listening');
  const env = { DEPOT: String((depot.address() as AddressInfo).port) };
  const options = { cwd: folder.path, env };
  const running: Running = startOutwitness(['run', '--data', data, '--', process.execPath, 'office.cjs'], options);
  const [link, url = ''] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+)\/#token=[\w-]+/);
  const [, port = ''] = await running.printed(/office at (\d+)/);
  return {
    data,
    catalogue: join(folder.path, 'catalogue.json'),
    url,
    link,
    send: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/send`);
      if ((await answer.text()) !== 'sent\n') throw new Error('the office did not send');
    },
    run: async (...args) => {
      const { stdout, stderr, code } = await outwitness([...args, '--data', data], { cwd: folder.path });
      if (code !== 0) throw new Error(`outwitness ${args.join(' ')} ended with ${code}, expected 0: ${stderr}`);
      return stdout;
    },
    stop: async () => {
      running.child.kill('SIGTERM');
      await running.ended;
      depot.closeAllConnections();
      depot.close();
      folder[Symbol.dispose]();
    },
  };
}
