import http from 'node:http';
import process from 'node:process';

import { measureRequests } from './measured.mjs';

const { STUB_PORT, LANES } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(LANES) });
const { onRequest, done } = measureRequests();
const server = http.createServer((_request, response) => {
  onRequest();
  const options = { host: '127.0.0.1', port: STUB_PORT, path: '/stock', agent };
  http.get(options, (stock) => stock.resume().on('end', () => response.end('in stock\n')));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
await done;
server.close();
server.on('close', () => agent.destroy());
