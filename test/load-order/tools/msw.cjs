// Answers one host by itself and lets the rest pass.
'use strict';
const { http, HttpResponse } = require('msw');
const { setupServer } = require('msw/node');
setupServer(http.get('http://mocked.test/orders', () => HttpResponse.text('mocked'))).listen({
  onUnhandledRequest: 'bypass',
});
