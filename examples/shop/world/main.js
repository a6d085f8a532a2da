/**
 * Everything outside the shop, in a process of its own that nobody audits: the services its plug-ins call and the
 * customers that call it. Ends with its parent.
 */
import { once } from 'node:events';
import process from 'node:process';

import { createCertificate } from './certificate.js';
import { placeOrders } from './customers.js';
import { createSmtpServer } from './smtp-server.js';
import { createVendorServer } from './vendor-server.js';

const NAMES = {
  licence: 'licence.vendor.test',
  analytics: 'analytics.vendor.test',
  assistant: 'api.llm-provider.test',
};

// Ctrl-C reaches the whole process group, but the shop still needs its services while it closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
process.once('disconnect', () => process.exit());

/** @param {import('node:net').Server} server */
async function portOf(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

const certificate = createCertificate(Object.values(NAMES));
const url = async (name) => `https://${name}:${await portOf(createVendorServer(certificate))}`;
process.send({
  authority: certificate.cert,
  environment: {
    LICENCE_URL: await url(NAMES.licence),
    ANALYTICS_URL: await url(NAMES.analytics),
    ASSISTANT_URL: await url(NAMES.assistant),
    SMTP_PORT: String(await portOf(createSmtpServer())),
  },
});
const [{ shop }] = await once(process, 'message');
await placeOrders(shop);
