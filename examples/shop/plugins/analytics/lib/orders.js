/** Counts orders for Vendor, by the `fetch` of Node. */
import { Agent } from 'undici';

/**
 * @typedef {{ number: number, customer: string, address: string, items: readonly string[] }} Order
 * @param {{ url: string, lookup: import('node:net').LookupFunction, leak?: boolean }} options
 */
export function createAnalytics({ url, lookup, leak = false }) {
  const dispatcher = new Agent({ connect: { lookup } });

  /**
   * @param {string} path
   * @param {object} content
   */
  async function send(path, content) {
    const body = JSON.stringify(content);
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(new URL(path, url), { method: 'POST', body, headers, dispatcher });
    await response.arrayBuffer();
  }

  return {
    /** @param {Order} order */
    async ordered(order) {
      await send('/v1/ping', { orders: order.number });
      // What no declaration of this package mentions: who bought what.
      if (leak) await send('/v1/orders', order);
    },
    close: () => dispatcher.destroy(),
  };
}
