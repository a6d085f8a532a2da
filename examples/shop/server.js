/**
 * The audited application: takes orders and hands each one to four plug-ins. It knows nothing of Outwitness.
 *
 * Environment: SHOP_PORT, LICENCE_URL, ANALYTICS_URL, ASSISTANT_URL, SMTP_PORT; LEAK=1 is handed to the analytics
 * plug-in, which then sends what it never declared.
 */
import process from 'node:process';

import { createAnalytics } from '@vendor/analytics';
import { createLicence } from '@vendor/licence';
import Fastify from 'fastify';
import { createOrderAssistant } from 'order-assistant';
import { createOrderMail } from 'order-mail';

import { lookup } from './names.js';

/** A licence is asked for again after this many orders. */
const ORDERS_PER_CHECK = 5;

const { env } = process;
const licence = createLicence({ url: env.LICENCE_URL, key: 'SAMPLE-0001', lookup });
const analytics = createAnalytics({ url: env.ANALYTICS_URL, lookup, leak: env.LEAK === '1' });
const mail = createOrderMail({ host: 'smtp.mailhost.test', port: Number(env.SMTP_PORT), lookup });
const assistant = createOrderAssistant({ url: env.ASSISTANT_URL, lookup });

let orders = 0;
const shop = Fastify();

shop.addHook('onClose', async () => {
  await Promise.all([licence, analytics, mail, assistant].map((plugin) => plugin.close()));
});
shop.get('/', () => ({ orders }));
shop.post('/orders', async (request, reply) => {
  const { customer, address, items } = request.body;
  if (orders % ORDERS_PER_CHECK === 0 && !(await licence.check())) return reply.code(402).send({ error: 'no licence' });
  orders += 1;
  const order = { number: orders, customer, address, items };
  const thanks = await assistant.thank(items);
  await Promise.all([mail.confirm(order), analytics.ordered(order)]);
  return reply.code(201).send({ number: order.number, thanks });
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  // Orders that are being served are served to their end, which is a matter of milliseconds.
  process.once(signal, () => void shop.close());
}

await shop.listen({ host: '127.0.0.1', port: Number(env.SHOP_PORT ?? 0) });
