/** Confirms orders by e-mail, by nodemailer over plain SMTP, one session per message. */
import { connect } from 'node:net';

import { createTransport } from 'nodemailer';

/**
 * @param {{ host: string, port: number, lookup: import('node:net').LookupFunction }} options
 */
export function createOrderMail({ host, port, lookup }) {
  const transport = createTransport({
    host,
    port,
    secure: false,
    ignoreTLS: true,
    /** nodemailer has no option for a lookup of one's own, but takes a connection. */
    getSocket(_options, callback) {
      const connection = connect({ host, port, lookup });
      connection.once('error', callback);
      connection.once('connect', () => {
        connection.off('error', callback);
        callback(null, { connection });
      });
    },
  });
  return {
    /** @param {{ number: number, customer: string, address: string, items: readonly string[] }} order */
    async confirm({ number, customer, address, items }) {
      await transport.sendMail({
        from: 'orders@shop.test',
        to: customer,
        subject: `Your order ${number}`,
        text: `You ordered ${items.join(', ')}. It goes to ${address}.`,
      });
    },
    close: () => transport.close(),
  };
}
