// The other side of inbound calls, in a process of its own: node load-driver.mjs PORT REQUESTS LANES
import http from 'node:http';
import process from 'node:process';

const [port, requests, lanes] = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: lanes });
let next = 0;
let answered = 0;

const request = () =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/hello', agent };
    http.get(options, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
const lane = async () => {
  while (next < requests) {
    next++;
    await request();
    answered++;
  }
};
await Promise.all(Array.from({ length: lanes }, lane));
agent.destroy();
process.stdout.write(`${JSON.stringify({ answered })}\n`);
