// Zen in dry run: it reports and blocks nothing. It works only with a token: this one is made up, and what it would send goes to a server on loopback. It counts hosts, not calls.
'use strict';
process.env.AIKIDO_BLOCK = 'false';
process.env.AIKIDO_TOKEN = 'made-up';
process.env.AIKIDO_ENDPOINT = process.env.PEER_URL;
process.env.AIKIDO_REALTIME_ENDPOINT = process.env.PEER_URL;
require('@aikidosec/firewall');
require('node:http');
