/** fixtures/courier.mjs under a real `outwitness run`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';

import type { ReportJson } from '@outwitness/report';

import { outwitness, type Running, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

export interface Courier {
  readonly data: string;
  /** The page without a token. */
  readonly url: string;
  /** The link that `run` printed: signs in once. */
  readonly link: string;
  /** Lets the courier make its two calls, and waits for its answer. */
  send(): Promise<void>;
  report(): Promise<ReportJson>;
  stop(): Promise<number>;
}

export async function auditedCourier(): Promise<Courier> {
  const folder = temporaryFolder('browser');
  const data = join(folder.path, 'data');
  const depot = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('received'));
  });
  depot.listen(0, '127.0.0.1');
  await once(depot, 'listening');
  const env = { DEPOT: String((depot.address() as AddressInfo).port) };
  const command = [process.execPath, join(import.meta.dirname, 'fixtures/courier.mjs')];
  const running: Running = startOutwitness(['run', '--data', data, '--app', 'courier', '--', ...command], { env });
  const [link, url = ''] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+)\/#token=[\w-]+/);
  const [, port = ''] = await running.printed(/courier at (\d+)/);
  return {
    data,
    url,
    link,
    send: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/send`);
      if ((await answer.text()) !== 'sent\n') throw new Error('the courier did not send');
    },
    report: async () => {
      const { stdout, stderr, code } = await outwitness(['report', '--json', '--data', data]);
      if (stdout === '') throw new Error(`outwitness report ended with ${code} and printed nothing: ${stderr}`);
      return JSON.parse(stdout) as ReportJson;
    },
    stop: async () => {
      running.child.kill('SIGTERM');
      const { code } = await running.ended;
      depot.closeAllConnections();
      depot.close();
      folder[Symbol.dispose]();
      return code;
    },
  };
}
