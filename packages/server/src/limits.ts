/** Every time and number that the server is bound by. */
export const LIMITS = {
  /** The link that is printed at start, while nobody uses it. */
  startLinkMinutes: 24 * 60,
  /** A link that somebody has made. */
  linkMinutes: 10,
  mostLinkMinutes: 7 * 24 * 60,
  /** A link that an issuer has asked for: the browser is on its way already. */
  issuedLinkMs: 60_000,
  /** Requests of one issuer within the window: each link is a row. */
  issuerAsks: 60,
  issuerWindowMs: 60_000,
  tokens: 1_000,
  /** A session without a request. */
  sessionIdleMs: 8 * 3_600_000,
  /** A session at all. */
  sessionMs: 24 * 3_600_000,
  sessions: 64,
  /** Wrong tokens from one address before it has to wait. */
  guesses: 10,
  guessWindowMs: 60_000,
  /** Addresses remembered for that. */
  guessers: 1_000,
  requestBytes: 4_096,
  streams: 64,
  heartbeatMs: 15_000,
  /** Least time between two heads on one stream. */
  headEveryMs: 250,
  pageRows: 500,
  filters: 64,
} as const;
