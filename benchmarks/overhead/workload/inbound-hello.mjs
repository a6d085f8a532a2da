import http from 'node:http';
import process from 'node:process';

import { measureRequests } from './measured.mjs';

const { onRequest, done } = measureRequests();
const server = http.createServer((_request, response) => {
  onRequest();
  response.end('hello\n');
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
await done;
server.close();
