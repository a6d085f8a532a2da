/**
 * What the API answers, beside the report itself. Types only: the dashboard imports them and nothing else.
 * Times are ISO 8601 in UTC, hashes lower-case hex, `null` = unknown or not there.
 */
export type * from '@outwitness/report';

/** Least to most; what each may do stands in roles.ts. */
export type Role = 'viewer' | 'operator' | 'officer' | 'admin';

export interface SessionJson {
  role: Role;
  /** Name of the user, `null` = whoever held the link. */
  user: string | null;
  expiresAt: string;
  /** Name and version of the program, such as `outwitness 0.1.0`. */
  software: string;
  /** Name of the ledger: `<operator>/outwitness/<ledger id>`. */
  origin: string;
}

export interface UserJson {
  name: string;
  /** In force now. */
  role: Role;
  since: string;
  /** A role that takes effect later. */
  next: { role: Role; at: string } | null;
}

/** An open session, as others see it. */
export interface SessionEntryJson {
  id: string;
  role: Role;
  user: string | null;
  /** Address of the sign-in. */
  from: string;
  since: string;
  expiresAt: string;
}

export interface PeopleJson {
  users: UserJson[];
  sessions: SessionEntryJson[];
}

/** A one-time link. */
export interface LinkJson {
  url: string;
  token: string;
  expiresAt: string;
}

/** A one-time token for a user of an issuer. */
export interface IssuedJson {
  token: string;
  /** The one asked for, or the next lower one that this user may have. */
  role: Role;
  /** `<issuer>:<user>`. */
  user: string;
  expiresAt: string;
}

export interface SettingJson {
  /** As in `outwitness.config.json`. */
  name: string;
  value: string | number | boolean | string[];
  origin: 'flag' | 'env' | 'file' | 'default';
  /** Set by a flag or the environment, or by nothing but a new start. */
  fixed: boolean;
}

export interface SettingsJson {
  schemaVersion: 1;
  /** Of agent.json. */
  generation: number;
  /** The file that a change is written to. */
  file: string;
  settings: SettingJson[];
}

/** The settings that an issuer sees. */
export interface IssuerSettingsJson {
  generation: number;
  /** Whether this issuer may change them. */
  mayChange: boolean;
  settings: SettingJson[];
}

/** Whether witnesses get in. */
export interface WitnessJson {
  state: 'on' | 'no-token' | 'off';
}

/** The verifier for browsers, as this server hands it on. */
export interface VerifierPageJson {
  file: string;
  bytes: number;
  sha256: string;
}

export interface HeadJson {
  /** Rows in the ledger; the newest one is `size` − 1. */
  size: number;
  /** Wall time of the newest signed note. */
  at: string | null;
}

export interface RowJson {
  seq: number;
  /** The exact canonical text that is hashed; `null` = dropped or erased, only the hash stays. */
  leaf: string | null;
  rowHash: string;
}

export interface RowsJson {
  /** In the order asked for. */
  rows: RowJson[];
  /**
   * Pass it as `after` to go on; `null` = nothing lies further that way. A page may be short, even empty, and still
   * have a `next`: filters without an index scan in slices.
   */
  next: number | null;
  head: HeadJson;
}

export interface NeighbourJson {
  seq: number;
  rowHash: string;
}

export interface InclusionJson {
  /** Size of the tree that the note signs. */
  size: number;
  /** RFC 6962 section 2.1.1, the lowest level first. */
  hashes: string[];
}

export interface RowDetailJson extends RowJson {
  previous: NeighbourJson | null;
  next: NeighbourJson | null;
  /** `null` while no note covers the row. */
  inclusion: (InclusionJson & { note: string }) | null;
  /** Row 0, which introduces the keys, proven in the same note. */
  genesis: (InclusionJson & { leaf: string }) | null;
  /** The row that introduced the epoch key which signs that note, proven in it; `null` where that is row 0. */
  key: (InclusionJson & { seq: number; leaf: string }) | null;
  head: HeadJson;
}

export interface ErrorJson {
  error: { code: string; message: string };
}
