/** The glue inside an audited process: registration, attribution, redaction and host frameworks. */
export { activeAgent, type ActiveAgent } from './active.ts';
export { IMPORT_ENTRY, REQUIRE_ENTRY, withEntry } from './entry.ts';
export { howLoaded, type Loaded } from './hello.ts';
export { install, type Installed, type InstallOptions } from './install.ts';
export { plugIns } from './hosts/plug-ins.ts';
export { isOurs, optionWords, preloads } from './node-options.ts';
export { type OwnFile, ownBuild } from './own-files.ts';
export { type HostPolicy, restrictRedaction } from './redaction/host-policy.ts';
export { VERSION } from './version.ts';
