// Asks the server of REAL by http and by fetch, and the host that a tool answers for by those of MOCKED.
'use strict';
const sender = require('sender');

async function main() {
  for (const name of process.env.MOCKED.split(' ').filter(Boolean))
    console.log('mocked', await sender[name]('http://mocked.test/orders'));
  for (const name of ['byHttp', 'byFetch'])
    console.log('real', await sender[name](`http://${process.env.REAL}/orders`));
}
void main();
