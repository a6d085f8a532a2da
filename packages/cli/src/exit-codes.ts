/** Exit codes of every command but `verify`, which has its own (docs/formats/verification.md), and `run`, which passes on the program's. */
export const EXIT = {
  ok: 0,
  /** A defect of ours. */
  internal: 1,
  /** The command, a setting or a file is not as it must be; the user can mend it. */
  usage: 2,
  findings: 3,
  verification: 4,
  coverage: 5,
} as const;
