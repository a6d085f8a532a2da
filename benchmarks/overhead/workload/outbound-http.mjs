import http from 'node:http';
import process from 'node:process';

import { measureCalls } from './measured.mjs';

const { STUB_PORT, LANES } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(LANES) });

await measureCalls(
  () =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: STUB_PORT, path: '/stock', agent };
      http.get(options, (response) => response.resume().on('end', resolve)).on('error', reject);
    }),
);
agent.destroy();
