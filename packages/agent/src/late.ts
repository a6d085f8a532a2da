import { createRequire } from 'node:module';
import type { Packages } from './attribution/package-of.ts';
import { TRANSPORTS } from './attribution/transports.ts';

/** Handles that carry or may carry traffic; pipes are left out, since standard streams are pipes. */
const SOCKETS = /^(TCPSocketWrap|TCPServerWrap|TLSWrap|UDPWrap|HTTP2SESSION|QUERYWRAP|ConnectWrap)$/i;

/**
 * What existed before the agent: open sockets by kind and number, and loaded modules that make calls. They may hold references to functions from before.
 *
 * @returns `socket TCPSocketWrap 2`, `module axios`
 */
export function late(packages: Packages): string[] {
  const found: string[] = [];
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (SOCKETS.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const [kind, count] of counts) found.push(`socket ${kind} ${count}`);
  const modules = new Set<string>();
  for (const file of Object.keys(createRequire(import.meta.url).cache)) {
    const { name } = packages.of(file.replaceAll('\\', '/'));
    if (TRANSPORTS.has(name)) modules.add(name);
  }
  for (const name of modules) found.push(`module ${name}`);
  return found;
}
