import type { Recorder } from '../recorder.ts';
import { watchMail } from './mail-session.ts';

/** Reading mail on its server (RFC 9051; with implicit TLS RFC 8314). */
export function watchImap(recorder: Recorder): void {
  watchMail(recorder, {
    channel: 'imap',
    ports: [143],
    securePorts: [993],
    clients: ['imapflow', 'imap', 'node-imap', 'imap-simple', 'emailjs-imap-client'],
  });
}
