// Traces http and fetch, and sends its traces to a server on loopback.
'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');
const peer = createRequire(path.join(__dirname, '../../../benchmarks/peers/package.json'));
peer('dd-trace').init({ url: process.env.TRACES, startupLogs: false, flushInterval: 0 });
