// dd-trace sending to a server on loopback that counts traces; no telemetry, no remote configuration.
'use strict';
require('dd-trace').init({ url: process.env.PEER_URL, startupLogs: false, runtimeMetrics: false });
require('node:http');
