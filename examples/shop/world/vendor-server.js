/** Vendor's licence and analytics services and the provider of the language model. */
import { createServer } from 'node:https';

const TAKES = new Set(['/v1/check', '/v1/ping', '/v1/orders']);
const CHAT = '/v1/chat/completions';
const WORDS = ['Thank', 'you', 'for', 'your', 'order!'];
const BETWEEN_WORDS_MS = 5;

/** @param {{ cert: string, key: string }} certificate */
export function createVendorServer(certificate) {
  return createServer(certificate, (request, response) => {
    request.resume();
    request.once('end', () => {
      if (request.url === CHAT) stream(response, WORDS);
      else response.writeHead(TAKES.has(request.url ?? '') ? 204 : 404).end();
    });
  });
}

/**
 * One event a word, as a model that writes while it thinks.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {readonly string[]} words
 */
function stream(response, [word, ...rest]) {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (word === undefined) {
    response.end('data: [DONE]\n\n');
    return;
  }
  response.write(`data: ${word}\n\n`);
  setTimeout(stream, BETWEEN_WORDS_MS, response, rest);
}
