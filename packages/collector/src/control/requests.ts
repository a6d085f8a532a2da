import { type ControlEvent, type Flat, type FlatValue, OutwitnessError } from '@outwitness/event';

/** Who asks: the command line, or a signed-in person of this role. */
export type Actor = 'cli' | 'viewer' | 'operator' | 'officer' | 'admin';

/** What another process of ours may ask for (docs/formats/control.md, "Requests"). */
export type ControlRequest = RecordRequest;

/** A row about something that the asker does itself once it is written. */
export interface RecordRequest {
  readonly do: 'record';
  readonly event: Extract<ControlEvent, 'export' | 'acknowledge'>;
  readonly actor: Actor;
  readonly text: string;
}

/** What an answer carries beside `ok`. */
export type ControlAnswer = Flat;

type Shape = { readonly [member: string]: (value: FlatValue) => boolean };

const text = (most: number) => (value: FlatValue) => typeof value === 'string' && value.length <= most;
const oneOf =
  (...words: readonly string[]) =>
  (value: FlatValue) =>
    typeof value === 'string' && words.includes(value);
const actor = oneOf('cli', 'viewer', 'operator', 'officer', 'admin');

/** All members of a request by its `do`; all must be there. */
const SHAPES: { readonly [name in ControlRequest['do']]: Shape } = {
  record: { event: oneOf('export', 'acknowledge'), actor, text: text(1024) },
};

/** @returns undefined for anything that is no request of this page */
export function toRequest(object: Flat): ControlRequest | undefined {
  const { do: name, ...members } = object;
  const shape =
    typeof name === 'string' && Object.hasOwn(SHAPES, name) ? SHAPES[name as ControlRequest['do']] : undefined;
  if (shape === undefined || Object.keys(members).some((member) => !Object.hasOwn(shape, member))) return undefined;
  const right = Object.entries(shape).every(([member, fits]) => {
    const value = members[member];
    return value !== undefined && fits(value);
  });
  return right ? (object as unknown as ControlRequest) : undefined;
}

/** The answer of a request that failed, as its asker gets it thrown. */
export function failure(error: unknown): Flat {
  const known = error instanceof OutwitnessError;
  return {
    ok: false,
    code: known ? error.code : 'internal',
    text: (error instanceof Error ? error.message : String(error)).slice(0, 2_000).toWellFormed(),
  };
}
