/** Asks a language model for a line of thanks and reads its streamed answer, by undici over a connection that is kept. */
import { Pool } from 'undici';

/**
 * @param {{ url: string, lookup: import('node:net').LookupFunction }} options
 */
export function createOrderAssistant({ url, lookup }) {
  const pool = new Pool(url, { connect: { lookup }, connections: 2 });
  return {
    /**
     * @param {readonly string[]} items
     * @returns {Promise<string>}
     */
    async thank(items) {
      const { body } = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ stream: true, prompt: `Thank somebody who bought ${items.join(', ')}` }),
      });
      let answer = '';
      body.setEncoding('utf8');
      for await (const chunk of body) answer += chunk;
      return wordsOf(answer);
    },
    close: () => pool.destroy(),
  };
}

/**
 * The words of a `text/event-stream` whose events hold one word each.
 *
 * @param {string} stream
 */
function wordsOf(stream) {
  return stream
    .split('\n\n')
    .filter((event) => event.startsWith('data: ') && event !== 'data: [DONE]')
    .map((event) => event.slice('data: '.length))
    .join(' ');
}
