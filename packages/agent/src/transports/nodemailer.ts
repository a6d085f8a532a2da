import { type Adapter, member } from './adapter.ts';

/** A mail is built first, then a connection is made for it; a pool makes one for the mail whose turn it is. */
export const nodemailer: Adapter = {
  name: 'nodemailer',
  files: [
    { file: 'lib/mailer/index.js', adapt: (exports, noting) => noting.enter(member(exports, 'prototype'), 'sendMail') },
    {
      file: 'lib/smtp-transport/index.js',
      adapt: (exports, noting) => noting.enter(member(exports, 'prototype'), 'verify'),
    },
    {
      file: 'lib/smtp-pool/index.js',
      adapt(exports, noting) {
        noting.enter(member(exports, 'prototype'), 'verify');
        noting.mark(member(exports, 'prototype'), 'send', (_self, args) => args[0]);
      },
    },
    {
      file: 'lib/smtp-pool/pool-resource.js',
      adapt: (exports, noting) => noting.resume(member(exports, 'prototype'), 'send', (_self, args) => args[0]),
    },
  ],
};
