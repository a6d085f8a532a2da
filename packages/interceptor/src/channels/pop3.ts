import type { Recorder } from '../recorder.ts';
import { watchMail } from './mail-session.ts';

/** Fetching mail (RFC 1939; with implicit TLS RFC 8314). */
export function watchPop3(recorder: Recorder): void {
  watchMail(recorder, {
    channel: 'pop3',
    ports: [110],
    securePorts: [995],
    clients: ['node-pop3', 'poplib', 'yapople', 'mailpop3'],
  });
}
