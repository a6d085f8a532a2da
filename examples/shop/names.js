/** The names of the sample, in place of a name server: everything under `.test` is on this machine. */

/**
 * A `lookup` for sockets, agents and dispatchers.
 *
 * @type {import('node:net').LookupFunction}
 */
export function lookup(hostname, { all = false }, callback) {
  const known = hostname.endsWith('.test');
  const error = known ? null : Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' });
  // A lookup answers later, as dns.lookup does: clients attach their handlers in between.
  process.nextTick(() => {
    if (all) callback(error, known ? [{ address: '127.0.0.1', family: 4 }] : []);
    else callback(error, known ? '127.0.0.1' : '', known ? 4 : undefined);
  });
}
