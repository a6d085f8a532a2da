// Answers one host by itself and lets the rest pass.
'use strict';
const nock = require('nock');
nock('http://mocked.test').persist().get('/orders').reply(200, 'mocked');
