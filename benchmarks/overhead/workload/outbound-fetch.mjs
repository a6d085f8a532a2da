import process from 'node:process';

import { measureCalls } from './measured.mjs';

const url = `http://127.0.0.1:${process.env.STUB_PORT}/stock`;

await measureCalls(async () => {
  const response = await fetch(url);
  await response.arrayBuffer();
});
// The connections that fetch keeps open must not hold the process.
setImmediate(() => process.exit());
