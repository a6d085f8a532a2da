import fs from 'node:fs';
import { storeError } from './errors.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** Big-endian integers of the file's header (SQLite file format, section 1.3). */
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;
const HEADER_BYTES = 100;

/**
 * Refuses a file by its header alone, before the engine opens it: the engine would put a `-shm` and a `-wal` beside even
 * a file that it only reads.
 *
 * Never while this process has the file open: closing a second descriptor drops the POSIX locks of the first.
 *
 * @throws OutwitnessError `store-newer` `store-foreign`
 */
export function refuseByHeader(file: string): void {
  const header = readHeader(file);
  if (header.length === 0) return;
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw storeError('store-foreign', `${file} is no SQLite database. Name another data directory.`);
  }
  // A version that is still in the log only is seen by the engine, whose files are there already.
  if (header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID)
    refuseVersion(file, header.readUInt32BE(USER_VERSION_AT));
}

/** @throws OutwitnessError `store-newer` */
export function refuseVersion(file: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw storeError(
    'store-newer',
    `${file} has version ${version}: expected at most ${SCHEMA_VERSION}. Nothing was changed. Use the newer Outwitness that wrote it.`,
  );
}

/** Empty if there is no such file. */
function readHeader(file: string): Buffer {
  let fd: number;
  try {
    fd = fs.openSync(file, 'r');
  } catch {
    return Buffer.alloc(0); // the engine says what is wrong
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, fs.readSync(fd, header, 0, HEADER_BYTES, 0));
  } catch {
    return Buffer.alloc(0); // a directory, for example
  } finally {
    fs.closeSync(fd);
  }
}
