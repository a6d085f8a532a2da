import { OutwitnessError } from '@outwitness/event';

/** Thrown by {@link createServer} before anything is served. */
export type ServerErrorCode = 'port-in-use' | 'listen-failed' | 'listen-insecure' | 'dashboard-missing';

/** What an answer may say in `error.code`, with its HTTP status. */
const STATUS = {
  'bad-request': 400,
  'token-refused': 401,
  'signed-out': 401,
  'witness-refused': 401,
  'issuer-refused': 401,
  'cross-site': 403,
  'not-allowed': 403,
  'not-found': 404,
  'role-pending': 409,
  'setting-fixed': 409,
  'read-only': 409,
  'wrong-host': 421,
  'too-many-guesses': 429,
  'too-many-asked': 429,
  internal: 500,
  'not-recorded': 503,
  'too-many-streams': 503,
} as const;
export type ApiErrorCode = keyof typeof STATUS;

/** A request that is answered with an error on purpose; everything else thrown is answered as `internal`. */
export class ApiError extends OutwitnessError<ApiErrorCode> {
  readonly status: number;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(code, message, options.cause);
    this.status = STATUS[code];
    this.retryAfter = options.retryAfter;
  }
}
