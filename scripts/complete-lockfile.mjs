/**
 * `npm run lockfile` after `npm install PACKAGE`: adds what npm left out of package-lock.json.
 *
 * npm writes no entry for the optional binaries of platforms that the registry at hand does not carry, and then
 * `npm ci` refuses the lockfile everywhere. Such an entry needs no more than the exact version that the depending
 * package names, and the platform, which stands in the name: elsewhere npm skips it without a download.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const LOCKFILE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const SYSTEMS = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]);
/** @type {Map<string, string>} */
const PROCESSORS = new Map([
  ['armv7', 'arm'],
  ['ppc64le', 'ppc64'],
  ['x86_64', 'x64'],
]);
for (const name of ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']) {
  PROCESSORS.set(name, name);
}

/** @typedef {{ version?: string, dev?: boolean, optional?: boolean, cpu?: string[], os?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} Entry */

const lock = JSON.parse(readFileSync(LOCKFILE, 'utf8'));
/** @type {Record<string, Entry>} */
const packages = lock.packages;
const added = [];
for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(path, name)) continue;
    const place = `node_modules/${name}`;
    packages[place] = entryOf(name, version, dev);
    added.push(`${name} ${version}`);
  }
}
const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(LOCKFILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${added.length} entries added to package-lock.json\n`);

/**
 * Looks where Node would: in the package itself, then outwards.
 *
 * @param {string} path
 * @param {string} name
 */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (Object.hasOwn(packages, folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`)) return true;
    if (folder === '') return false;
  }
}

/**
 * @param {string} name
 * @param {string} version
 * @param {boolean | undefined} dev
 * @returns {Entry}
 */
function entryOf(name, version, dev) {
  const words = name.split(/[-./]/);
  const os = words.find((word) => SYSTEMS.has(word));
  const cpu = words.map((word) => PROCESSORS.get(word)).find((word) => word !== undefined);
  if (!/^\d+\.\d+\.\d+\S*$/.test(version) || cpu === undefined || (os === undefined && cpu !== 'wasm32')) {
    throw new Error(`${name} ${version}: expected an exact version and a platform in the name. Add its entry by hand.`);
  }
  const libc = words.map((word) => /^(musl|gnu)/.exec(word)?.[1]).find((word) => word !== undefined);
  return {
    version,
    cpu: [cpu],
    ...(dev === true ? { dev } : {}),
    ...(libc === undefined || os !== 'linux' ? {} : { libc: [libc === 'gnu' ? 'glibc' : 'musl'] }),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
  };
}
