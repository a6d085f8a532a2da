// 1,000 distinct URLs, called by 20 packages in turn: one URL from one place is kind to every cache.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { measureCalls } from './measured.mjs';

const { STUB_PORT, LANES } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(LANES) });
const folder = mkdtempSync(join(tmpdir(), 'outwitness-mixed-'));
const packages = Array.from({ length: 20 }, (_, i) => {
  const root = join(folder, 'node_modules', `client-${i}`);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: `client-${i}`, version: `1.0.${i}` }));
  writeFileSync(
    join(root, 'index.js'),
    `exports.get${i} = function get${i}(http, options, done, failed) {
  http.get(options, (response) => response.resume().on('end', done)).on('error', failed);
};
`,
  );
  return createRequire(join(root, 'index.js'))('./index.js')[`get${i}`];
});

await measureCalls(
  (i) =>
    new Promise((resolve, reject) => {
      const url = i % 1000;
      const path = `/stock/${url * 7919}/items?page=${url}&sort=name`;
      packages[i % 20](http, { host: '127.0.0.1', port: STUB_PORT, path, agent }, resolve, reject);
    }),
);
agent.destroy();
rmSync(folder, { recursive: true });
