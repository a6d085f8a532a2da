/** Requests to the server, and what may go wrong with them. */
import type {
  ComponentsJson,
  ErrorJson,
  PeopleJson,
  ReportJson,
  Role,
  RowDetailJson,
  RowsJson,
  SessionJson,
  SettingJson,
  SettingsJson,
  TrafficJson,
  VerifierPageJson,
  WitnessJson,
} from '@outwitness/server';

export class RequestError extends Error {
  readonly code: string;
  /** 0 = the server could not be reached. */
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function ask(
  method: string,
  path: string,
  options: { body?: unknown; signal?: AbortSignal } = {},
): Promise<Response> {
  const { body, signal } = options;
  let answer: Response;
  try {
    answer = await fetch(`/api${path}`, {
      method,
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new RequestError(0, 'unreachable', 'Outwitness does not answer. Check that it still runs.');
  }
  if (answer.ok) return answer;
  const { code, message } = await errorOf(answer);
  throw new RequestError(answer.status, code, message);
}

async function errorOf(answer: Response): Promise<ErrorJson['error']> {
  try {
    return ((await answer.json()) as ErrorJson).error;
  } catch {
    return { code: 'unknown', message: `The server answered with status ${answer.status}.` };
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await ask('GET', path, signal === undefined ? {} : { signal });
  return (await answer.json()) as T;
}

export function session(): Promise<SessionJson> {
  return get('/session');
}

export async function signIn(token: string): Promise<SessionJson> {
  return (await (await ask('POST', '/session', { body: { token } })).json()) as SessionJson;
}

export async function signOut(): Promise<void> {
  await ask('DELETE', '/session');
}

export function report(params: URLSearchParams, signal?: AbortSignal): Promise<ReportJson> {
  return get(`/report?${params.toString()}`, signal);
}

export function traffic(params: URLSearchParams, signal?: AbortSignal): Promise<TrafficJson> {
  return get(`/traffic?${params.toString()}`, signal);
}

export function components(params: URLSearchParams, signal?: AbortSignal): Promise<ComponentsJson> {
  return get(`/components?${params.toString()}`, signal);
}

export function rows(params: URLSearchParams, signal?: AbortSignal): Promise<RowsJson> {
  return get(`/rows?${params.toString()}`, signal);
}

export async function seqAt(time: string): Promise<number | null> {
  const { seq } = await get<{ seq: number | null }>(`/rows/at?time=${encodeURIComponent(time)}`);
  return seq;
}

export function row(seq: number, signal?: AbortSignal): Promise<RowDetailJson> {
  return get(`/rows/${seq}`, signal);
}

export async function tlogProof(seq: number): Promise<Blob> {
  return (await ask('POST', `/rows/${seq}/proof`)).blob();
}

export function settings(signal?: AbortSignal): Promise<SettingsJson> {
  return get('/settings', signal);
}

/** @param changes new values by their names in the settings file */
export async function changeSettings(changes: Readonly<Record<string, SettingJson['value']>>): Promise<void> {
  await ask('PATCH', '/settings', { body: changes });
}

export function people(signal?: AbortSignal): Promise<PeopleJson> {
  return get('/people', signal);
}

/** Also withdraws an appointment: the role that is given now is the one that stays. */
export async function setRole(name: string, role: Role): Promise<void> {
  await ask('PUT', `/people/${encodeURIComponent(name)}`, { body: { role } });
}

export async function endSession(id: string): Promise<void> {
  await ask('DELETE', `/sessions/${id}`);
}

export function witness(signal?: AbortSignal): Promise<WitnessJson> {
  return get('/witness', signal);
}

export function verifierPage(signal?: AbortSignal): Promise<VerifierPageJson> {
  return get('/verifier', signal);
}
