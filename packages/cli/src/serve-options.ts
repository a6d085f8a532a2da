import { readFileSync } from 'node:fs';
import type { Settings } from '@outwitness/collector';
import type { ServerOptions } from '@outwitness/server';
import { type Options, wholeNumber } from './options.ts';
import { usageError } from './usage-error.ts';

/** Where the report is shown, and how a browser gets there. */
export const LISTEN_OPTIONS = {
  port: { type: 'string' },
  listen: { type: 'string' },
  'behind-proxy': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

/** Options of the commands that collect. */
export const SERVE_OPTIONS: typeof LISTEN_OPTIONS & { readonly 'no-serve': { readonly type: 'boolean' } } = {
  ...LISTEN_OPTIONS,
  'no-serve': { type: 'boolean' },
};

/** Lines of a command's help about {@link LISTEN_OPTIONS}. */
export const LISTEN_HELP = `  --listen ADDRESS  address of the report (default 127.0.0.1); any other than loopback
                  needs the TLS files or --behind-proxy
  --tls-cert FILE, --tls-key FILE  certificate and key, PEM
  --behind-proxy https://NAME  the address under which a proxy that ends TLS shows it`;

export type ListenOptions = Pick<ServerOptions, 'address' | 'tls' | 'publicOrigin'>;

/** @throws OutwitnessError `usage` */
export function serveFlags(command: string, options: Options): Partial<Settings> {
  const port = wholeNumber('port', options.string('port'), 0);
  if (port === undefined) return {};
  if (options.flag('no-serve')) throw usageError(`${command}: expected --port or --no-serve, got both`);
  if (port > 65_535) throw usageError(`--port: expected a port from 0 to 65535, got ${port}`);
  return { port };
}

/** @throws OutwitnessError `usage` */
export function listenOptions(options: Options): ListenOptions {
  const [address, publicOrigin] = [options.string('listen'), options.string('behind-proxy')];
  const [cert, key] = [options.string('tls-cert'), options.string('tls-key')];
  if ((cert === undefined) !== (key === undefined))
    throw usageError('expected --tls-cert and --tls-key together, got one of them');
  if (publicOrigin !== undefined && !/^https:\/\/[^/?#@]+$/.test(publicOrigin))
    throw usageError(
      `--behind-proxy: expected https://NAME or https://NAME:PORT, as the browser writes it, got ${JSON.stringify(publicOrigin)}`,
    );
  return {
    ...(address === undefined ? {} : { address }),
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    ...(cert === undefined || key === undefined
      ? {}
      : { tls: { cert: readText('tls-cert', cert), key: readText('tls-key', key) } }),
  };
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(`--${option}: cannot read ${path}: ${(cause as Error).message}. Correct the path or its rights.`);
  }
}
