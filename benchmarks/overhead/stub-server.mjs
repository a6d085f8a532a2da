// The other side of outbound calls, in a process of its own: answers, counts, says how many when asked.
import http from 'node:http';
import process from 'node:process';

let requests = 0;
const server = http.createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
  requests++;
  response.end('{"stock":7}\n');
});
process.on('message', () => process.send({ requests }));
// Whoever measures may be interrupted.
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
