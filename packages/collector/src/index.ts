/** The writing process: lock, drain loop, keys, settings, launch of the audited program and background verification. */
export {};
