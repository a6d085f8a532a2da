// Another copy of undici than Node's own: the dispatcher that it sets is the one of `fetch` too.
'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');
const undici = createRequire(path.join(__dirname, '../../undici/package.json'))('undici7');

const agent = new undici.MockAgent();
agent.enableNetConnect();
agent.get('http://mocked.test').intercept({ path: '/orders' }).reply(200, 'mocked').persist();
undici.setGlobalDispatcher(agent);
