/** The customers: a burst of orders so that there is something to see, then one now and then. */
import { setTimeout as sleep } from 'node:timers/promises';

const BURST = 20;
const BETWEEN_BURST_MS = 100;
const BETWEEN_MS = 5000;
/** Nearly three hours. */
const MOST_ORDERS = 2000;
const OPENING_TRIES = 300;
const ORDERED = 201;
const CLOSING = 503;
const GOODS = ['tea', 'coffee', 'cocoa', 'honey', 'rusks', 'jam'];

/**
 * Ends when it has placed every order or the shop has closed.
 *
 * @param {string} shop its URL
 */
export async function placeOrders(shop) {
  await opened(shop);
  for (let number = 0; number < MOST_ORDERS; number += 1) {
    const customer = `customer${number % 7}@example.test`;
    const address = `${number} Long Street, 2${String(number).padStart(4, '0')} Sampletown`;
    const items = GOODS.filter((_, index) => (number + index) % 3 === 0);
    try {
      const response = await fetch(`${shop}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ customer, address, items }),
      });
      const answer = await response.text();
      if (response.status === CLOSING) return;
      if (response.status !== ORDERED) process.stderr.write(`order ${number}: ${response.status} ${answer}\n`);
    } catch {
      return;
    }
    await sleep(number < BURST ? BETWEEN_BURST_MS : BETWEEN_MS);
  }
}

/** @param {string} shop */
async function opened(shop) {
  for (let tries = 0; ; tries += 1) {
    try {
      await (await fetch(shop)).arrayBuffer();
      return;
    } catch (error) {
      if (tries === OPENING_TRIES) throw error;
      await sleep(100);
    }
  }
}
