import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, beforeEach, describe, it } from 'node:test';
import { installFolder } from '../../../scripts/install-folder.mjs';
import { selfSigned } from './certificate.ts';
import { Collector, callsOf, rowsOf, until } from './collect.ts';
import { close, ended, listen } from './local.ts';

const FOLDER = path.join(import.meta.dirname, '../../../test/mail');
const CLIENTS = /[/\\]node_modules[/\\](nodemailer|imapflow|node-pop3)[/\\]/;
/** Secrets of every mail here: none may be in a record. */
const USER = 'canary-user-7f3a';
const PASSWORD = 'canary-password-9c1e';
const FROM = 'canary-from-51d2@sender.example';
const TO = 'canary-to-e04b@receiver.example';
const BODY = 'canary-body-3b77';

const collector = new Collector();
// Names the client among the frames, as the agent does of a transport.
collector.ports.attributor.capture = () => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const client = CLIENTS.exec(new Error('where').stack ?? '')?.[1];
  Error.stackTraceLimit = limit;
  return { basis: 'stack', package: 'mailer', ...(client === undefined ? {} : { via: [client] }) };
};
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(() => collector.clear());

async function settled(): Promise<void> {
  await until(() =>
    [...collector.conns(), ...collector.conns('in')].every(({ conn }) => collector.done({ conn }) !== undefined),
  );
}

const made = selfSigned();
const identity = made ?? { key: '', cert: '' };
const certSha256 = made && new X509Certificate(made.cert).fingerprint256.replaceAll(':', '').toLowerCase();

/** Bytes of the protocol that a server got and gave, on top of TLS where there is TLS. */
interface Counted {
  got: number;
  given: number;
}

/** Speaks a protocol of lines; `upgrade` is the command after whose answer TLS begins. */
function lines(
  counted: Counted,
  greeting: string,
  answer: (line: string) => string,
  upgrade: RegExp,
): (socket: net.Socket) => void {
  return (plain) => {
    let socket = plain;
    let rest = '';
    const send = (text: string, then?: () => void): void => {
      counted.given += Buffer.byteLength(text);
      socket.write(text, then);
    };
    const take = (data: Buffer): void => {
      counted.got += data.length;
      rest += data.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (upgrade.test(line)) {
          socket.off('data', take);
          send(answer(line), () => {
            const secure = new tls.TLSSocket(socket, { isServer: true, ...identity });
            secure.on('error', () => undefined);
            again(secure);
          });
          return;
        }
        send(answer(line));
        if (/\b(LOGOUT|QUIT)$/i.test(line)) socket.end();
      }
    };
    const again = (secure: net.Socket): void => {
      socket = secure;
      rest = '';
      socket.on('data', take);
    };
    socket.on('error', () => undefined).on('data', take);
    send(greeting);
  };
}

const CAPABILITY = 'IMAP4rev1 AUTH=PLAIN LOGIN';

function imapAnswer(starttls: boolean): (line: string) => string {
  let secure = false;
  return (line) => {
    const [tag = '', verb = ''] = line.split(' ');
    const offered = starttls && !secure ? `${CAPABILITY} STARTTLS` : CAPABILITY;
    if (/^STARTTLS$/i.test(verb)) secure = true;
    const untagged: Record<string, string> = {
      CAPABILITY: `* CAPABILITY ${offered}\r\n`,
      LOGOUT: '* BYE\r\n',
      LIST: '* LIST (\\Noselect) "/" ""\r\n',
      NAMESPACE: '* NAMESPACE (("" "/")) NIL NIL\r\n',
    };
    return `${untagged[verb.toUpperCase()] ?? ''}${tag} OK done\r\n`;
  };
}

const popAnswer = (line: string): string => (line === 'STAT' ? '+OK 0 0\r\n' : '+OK\r\n');

interface Mailer {
  sendMail(mail: object): Promise<unknown>;
  close(): void;
}
interface Clients {
  nodemailer: { createTransport(options: object): Mailer };
  imapflow: {
    ImapFlow: new (options: object) => NodeJS.EventEmitter & { connect(): Promise<void>; logout(): Promise<void> };
  };
  pop3: new (options: object) => { STAT(): Promise<string>; QUIT(): Promise<string> };
  smtpServer: { SMTPServer: new (options: object) => NodeJS.EventEmitter & { server: net.Server; close(): void } };
}

describe('mail', { skip: made === undefined ? 'no openssl on this machine' : false }, () => {
  let clients: Clients;
  before(async () => {
    assert.ok(await installFolder(FOLDER), 'test/mail could not be installed');
    const load = createRequire(path.join(FOLDER, 'package.json'));
    const pop3 = load('node-pop3') as Clients['pop3'] | { default: Clients['pop3'] };
    clients = {
      nodemailer: load('nodemailer') as Clients['nodemailer'],
      imapflow: load('imapflow') as Clients['imapflow'],
      pop3: 'default' in pop3 ? pop3.default : pop3,
      smtpServer: load('smtp-server') as Clients['smtpServer'],
    };
  });

  /** The one row of the session, with what both sides counted. */
  function oneSession(channel: string, scheme: string, port: number, secured: boolean): { out: number; in: number } {
    const rows = rowsOf(collector).filter((row) => row.channel !== 'dns');
    assert.deepEqual(
      rows.map((row) => [row.what, row.channel, row.host, row.port, row.outcome]),
      [['call', channel, '127.0.0.1', port, 'ok']],
      JSON.stringify(collector.records),
    );
    const [open] = collector.opens();
    assert.equal(open?.scheme, scheme);
    assert.equal(open?.package, 'mailer');
    const done = collector.done({ call: open?.call ?? 0 });
    assert.equal(done?.tls, secured ? 'TLSv1.3' : undefined);
    assert.equal(done?.certSha256, secured ? certSha256 : undefined);
    assert.equal(done?.sni, secured ? 'localhost' : undefined);
    assert.equal(done?.peerPort, port);
    const kept = JSON.stringify(collector.records);
    for (const secret of [USER, PASSWORD, FROM, TO, BODY]) {
      for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, -4)]) assert.ok(!kept.includes(form));
    }
    assert.deepEqual(
      collector.intents.slice(0, 2).map(({ kind }) => kind),
      ['open', 'conn'],
    );
    return { out: done?.bytesOut ?? 0, in: done?.bytesIn ?? 0 };
  }

  const SMTP = [
    ['in plain text', { secure: false, ignoreTLS: true }, { hideSTARTTLS: true }, 'smtp', false],
    ['with STARTTLS', { secure: false, requireTLS: true }, {}, 'smtp', true],
    ['with implicit TLS', { secure: true }, { secure: true }, 'smtps', true],
  ] as const;
  for (const [how, transport, options, scheme, secured] of SMTP) {
    it(`nodemailer ${how}`, async () => {
      const server = new clients.smtpServer.SMTPServer({
        ...identity,
        ...options,
        allowInsecureAuth: true,
        onAuth: (_auth: object, _session: object, done: (error: null, who: object) => void) => done(null, { user: 1 }),
        onData: (stream: NodeJS.ReadableStream, _session: object, done: () => void) => {
          stream.on('end', done).resume();
        },
      });
      server.on('error', () => undefined);
      const port = await listen(server.server);
      const mailer = clients.nodemailer.createTransport({
        host: '127.0.0.1',
        port,
        ...transport,
        auth: { user: USER, pass: PASSWORD },
        tls: { ca: identity.cert, servername: 'localhost' },
      });
      await mailer.sendMail({ from: FROM, to: TO, subject: BODY, text: BODY.repeat(1000) });
      mailer.close();
      await settled();
      await close(server.server);
      const bytes = oneSession('smtp', scheme, port, secured);
      const [inbound] = collector.conns('in');
      const other = collector.done({ conn: inbound?.conn ?? 0 });
      assert.ok(bytes.out > BODY.length * 1000);
      assert.deepEqual(bytes, { out: other?.bytesIn, in: other?.bytesOut });
    });
  }

  for (const how of ['in plain text', 'with STARTTLS', 'with implicit TLS'] as const) {
    const implicit = how === 'with implicit TLS';
    const secured = how !== 'in plain text';
    it(`imapflow ${how}`, async () => {
      const counted = { got: 0, given: 0 };
      const serve = lines(counted, '* OK ready\r\n', imapAnswer(secured && !implicit), /^\S+ STARTTLS$/i);
      const server = implicit ? tls.createServer(identity, serve) : net.createServer(serve);
      const port = await listen(server);
      const client = new clients.imapflow.ImapFlow({
        host: '127.0.0.1',
        port,
        secure: implicit,
        ...(secured ? {} : { doSTARTTLS: false }),
        auth: { user: USER, pass: PASSWORD },
        tls: { ca: identity.cert, servername: 'localhost' },
        logger: false,
      });
      client.on('error', () => undefined);
      await client.connect();
      await client.logout();
      await settled();
      await close(server);
      assert.deepEqual(oneSession('imap', implicit ? 'imaps' : 'imap', port, secured), {
        out: counted.got,
        in: counted.given,
      });
    });
  }

  for (const implicit of [false, true]) {
    it(`node-pop3 ${implicit ? 'with implicit TLS' : 'in plain text'}`, async () => {
      const counted = { got: 0, given: 0 };
      const serve = lines(counted, '+OK ready\r\n', popAnswer, /^STLS$/);
      const server = implicit ? tls.createServer(identity, serve) : net.createServer(serve);
      const port = await listen(server);
      const client = new clients.pop3({
        host: '127.0.0.1',
        port,
        user: USER,
        password: PASSWORD,
        tls: implicit,
        servername: 'localhost',
        tlsOptions: { ca: identity.cert, servername: 'localhost' },
      });
      await client.STAT();
      await client.QUIT();
      await settled();
      await close(server);
      assert.deepEqual(oneSession('pop3', implicit ? 'pop3s' : 'pop3', port, implicit), {
        out: counted.got,
        in: counted.given,
      });
    });
  }

  it('STLS on a socket that the application secures itself is the same row', async () => {
    const counted = { got: 0, given: 0 };
    const server = net.createServer(lines(counted, '+OK ready\r\n', popAnswer, /^STLS$/));
    const { port } = await fixed(server, [110, 2525]);
    const plain = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => plain.once('data', resolve));
    plain.write('STLS\r\n');
    await new Promise((resolve) => plain.once('data', resolve));
    const secure = tls.connect({ socket: plain, ca: identity.cert, servername: 'localhost' });
    await new Promise((resolve) => secure.once('secureConnect', resolve));
    secure.write(`USER ${USER}\r\n`);
    await new Promise((resolve) => secure.once('data', resolve));
    secure.resume().end('QUIT\r\n');
    await ended(secure);
    await settled();
    await close(server);
    const channel = port === 110 ? 'pop3' : 'smtp';
    assert.deepEqual(oneSession(channel, channel, port, true), { out: counted.got, in: counted.given });
  });

  it('a refused session is one row with its attempt', async () => {
    const gone = net.createServer();
    const port = await listen(gone);
    await close(gone);
    collector.clear();
    const mailer = clients.nodemailer.createTransport({ host: '127.0.0.1', port });
    await assert.rejects(mailer.sendMail({ from: FROM, to: TO, text: BODY }));
    await settled();
    const rows = rowsOf(collector).map(({ channel, outcome }) => [channel, outcome]);
    assert.deepEqual(rows, [['smtp', 'refused']]);
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.equal(done?.error, 'ECONNREFUSED');
    assert.deepEqual(done?.attempts, [`127.0.0.1 ${port} ECONNREFUSED`]);
  });

  it('a certificate that is not trusted ends the session with its error', async () => {
    const counted = { got: 0, given: 0 };
    const server = tls.createServer(identity, lines(counted, '* OK\r\n', imapAnswer(false), /^STARTTLS$/));
    server.on('tlsClientError', () => undefined);
    const port = await listen(server);
    const client = new clients.imapflow.ImapFlow({
      host: '127.0.0.1',
      port,
      secure: true,
      auth: { user: USER, pass: PASSWORD },
      tls: { servername: 'localhost' },
      logger: false,
    });
    client.on('error', () => undefined);
    await assert.rejects(client.connect());
    await settled();
    await close(server);
    const [open] = collector.opens();
    const done = collector.done({ call: open?.call ?? 0 });
    assert.deepEqual([open?.channel, done?.outcome, done?.error], ['imap', 'error', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
    assert.equal(rowsOf(collector).length, 1);
  });

  it('disabled, a session is the tcp or tls connection it is', async () => {
    watcher.setDisabled(['smtp']);
    const server = net.createServer((socket) => socket.on('error', () => undefined).end('421 no\r\n'));
    const port = await listen(server);
    const mailer = clients.nodemailer.createTransport({ host: '127.0.0.1', port });
    await assert.rejects(mailer.sendMail({ from: FROM, to: TO, text: BODY }));
    await settled();
    await close(server);
    watcher.setDisabled([]);
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, bytesIn }) => [what, channel, bytesIn]),
      [['raw', 'tcp', 8]],
    );
  });

  it('by port: plain and secure ports of each protocol, contacted by anybody', async () => {
    const told: [number, string, string][] = [
      [25, 'smtp', 'smtp'],
      [587, 'smtp', 'smtp'],
      [2525, 'smtp', 'smtp'],
      [465, 'smtp', 'smtps'],
      [143, 'imap', 'imap'],
      [993, 'imap', 'imaps'],
      [110, 'pop3', 'pop3'],
      [995, 'pop3', 'pop3s'],
    ];
    for (const [port] of told) await ended(net.connect({ port, host: '127.0.0.9' }).resume().end());
    await settled();
    assert.deepEqual(
      collector.opens().map(({ port, channel, scheme }) => [port, channel, scheme]),
      told,
    );
    assert.equal(rowsOf(collector).length, told.length);
    assert.ok(collector.conns().every((conn) => callsOf(collector, conn.conn).length === 1));
  });

  it('all other ports and unix sockets stay what they are', async () => {
    const server = net.createServer((socket) => socket.on('error', () => undefined).end());
    const port = await listen(server);
    await ended(net.connect(port, '127.0.0.1').resume().end());
    await ended(net.connect('/nowhere/smtp.sock'));
    await settled();
    await close(server);
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel }) => [what, channel]),
      [
        ['raw', 'tcp'],
        ['raw', 'unix'],
      ],
    );
  });
});

/** Listens on the first of the ports that may be had. */
async function fixed(server: net.Server, ports: readonly number[]): Promise<{ port: number }> {
  for (const port of ports) {
    const listens = await new Promise<boolean>((resolve) => {
      const failed = (): void => resolve(false);
      server.once('error', failed).listen(port, '127.0.0.1', () => {
        server.off('error', failed);
        resolve(true);
      });
    });
    if (listens) return { port };
  }
  throw new Error(`none of the ports ${ports.join()} is free`);
}
