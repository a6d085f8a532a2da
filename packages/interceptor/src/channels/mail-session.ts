import type { Connection } from '../connection.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';

export interface MailProtocol {
  readonly channel: 'smtp' | 'imap' | 'pop3';
  readonly ports: readonly number[];
  /** Ports on which TLS comes first. */
  readonly securePorts: readonly number[];
  /** Packages that speak the protocol and nothing else on connections of their own. */
  readonly clients: readonly string[];
}

/**
 * A mail session is a connection from the attempt to its close. It is told by the client package that connects, else by its port, before anything is sent; what is said on it is never looked at. STARTTLS changes nothing of that: a TLS socket on the used handle only adds its facts and goes on counting (channels/tls.ts).
 */
export function watchMail(recorder: Recorder, protocol: MailProtocol): void {
  recorder.mail.push(protocol);
  recorder.beginSession ??= recorder.guards
    .listener(recorder.guards.watch<Connection>('mail.session', (connection) => begin(recorder, connection)))
    .bind(undefined);
}

/** Before a connection that nobody claims is written down: a session becomes a call to which all of it belongs. */
function begin(recorder: Recorder, connection: Connection): void {
  const { host, port, channel } = connection;
  if (host === undefined || port === undefined || (channel !== 'tcp' && channel !== 'tls')) return;
  const protocol = byClient(recorder.mail, connection.origin) ?? byPort(recorder.mail, port);
  if (protocol === undefined || !recorder.live(protocol.channel)) return;
  const call = recorder.newCall(protocol.channel, 'out');
  call.tunnel = true;
  const open = recorder.openOf(call, connection.origin);
  const secure = connection.socket?.encrypted === true || protocol.securePorts.includes(port);
  open.scheme = secure ? `${protocol.channel}s` : protocol.channel;
  open.host = host;
  open.port = port;
  connection.forCall = call.id;
  connection.assign(call);
  recorder.intent(open);
}

function byClient(protocols: readonly MailProtocol[], origin: Origin | undefined): MailProtocol | undefined {
  // The nearest to the call decides: whoever reads mail may send some in the same breath.
  for (const name of [...(origin?.via ?? []), origin?.package]) {
    const found = name === undefined ? undefined : protocols.find(({ clients }) => clients.includes(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function byPort(protocols: readonly MailProtocol[], port: number): MailProtocol | undefined {
  return protocols.find(({ ports, securePorts }) => ports.includes(port) || securePorts.includes(port));
}
