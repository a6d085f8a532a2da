import { OutwitnessError } from '@outwitness/event';

import { ApiError, type ApiErrorCode } from './errors.ts';

/** Refusals of the collector that tell what the person asked wrongly; the rest means that no row was written. */
const TOLD: Readonly<Record<string, ApiErrorCode>> = {
  'settings-invalid': 'bad-request',
  'access-invalid': 'bad-request',
  'access-unknown': 'not-found',
  'access-refused': 'not-allowed',
  'role-pending': 'role-pending',
  'setting-fixed': 'setting-fixed',
};

/** @throws ApiError always */
export function refused(cause: unknown): never {
  if (cause instanceof ApiError) throw cause;
  const code = cause instanceof OutwitnessError && Object.hasOwn(TOLD, cause.code) ? TOLD[cause.code] : undefined;
  if (code !== undefined) throw new ApiError(code, (cause as Error).message, { cause });
  throw new ApiError(
    'not-recorded',
    'This could not be written to the record, so it did not happen. Check that the collector runs, then try again.',
    { cause },
  );
}
