// The same instance for whoever imports the package as for the entry that is preloaded.
import agent from './load.cjs';

export const {
  activeAgent,
  howLoaded,
  IMPORT_ENTRY,
  install,
  isOurs,
  optionWords,
  ownBuild,
  plugIns,
  preloads,
  REQUIRE_ENTRY,
  restrictRedaction,
  VERSION,
  withEntry,
} = agent;
