/** Reads the Trust Report as the dashboard does: through the served API, signed in. */
import type { Running } from './outwitness.ts';

/** The part of the report (docs/reference/json.md) that the claims look at. */
export interface Report {
  readonly verdict: string;
  readonly reasons: readonly { readonly id: string; readonly severity: string; readonly text: string }[];
  readonly chips: Readonly<Record<string, { readonly state: string; readonly text: string }>>;
  readonly totals: { readonly events: number };
}

export interface ServedReport {
  read(): Promise<Report>;
}

/** Signs in with the one-time token of the line that `outwitness run` prints. */
export async function signIn(running: Running): Promise<ServedReport> {
  const session = await openSession(running);
  return { read: async () => (await session.get('/api/report')) as Report };
}

/** Somebody who is signed in. */
export interface Session {
  /** The JSON behind a path; any other status than 200 is an error. */
  get(path: string): Promise<unknown>;
}

/** {@link signIn} for whoever reads more than the report. */
export async function openSession(running: Running): Promise<Session> {
  const [, origin, token] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+)\/#token=(\S+)/);
  const response = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `${origin}` },
    body: JSON.stringify({ token }),
  });
  if (response.status !== 201) throw new Error(`sign-in: expected status 201, got ${await shown(response)}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return {
    get: async (path) => {
      const answer = await fetch(`${origin}${path}`, { headers: { cookie } });
      if (answer.status !== 200) throw new Error(`${path}: expected status 200, got ${await shown(answer)}`);
      return answer.json();
    },
  };
}

async function shown(response: Response): Promise<string> {
  return `${response.status} ${(await response.text()).slice(0, 500)}`;
}
