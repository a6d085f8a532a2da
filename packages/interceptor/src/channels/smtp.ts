import type { Recorder } from '../recorder.ts';
import { watchMail } from './mail-session.ts';

/** Sending mail (RFC 5321; submission RFC 6409, with implicit TLS RFC 8314). 2525 is what hosts use where 25 and 587 are blocked. */
export function watchSmtp(recorder: Recorder): void {
  watchMail(recorder, {
    channel: 'smtp',
    ports: [25, 587, 2525],
    securePorts: [465],
    clients: ['nodemailer', 'smtp-connection', 'nodemailer-smtp-transport', 'emailjs', 'smtp-client', 'sendmail'],
  });
}
