/** Who wrote a segment and which one it is, as its file name says; see docs/formats/spool.md, "Files". */
export interface SegmentName {
  /** `<pid>-<thread>-<start>-<random>` */
  writer: string;
  pid: number;
  /** 0 = main thread. */
  thread: number;
  /** ms since 1970, when the writer started. */
  startMs: number;
  segment: number;
}

const SEGMENT = /^((\d{1,10})-(\d{1,10})-([0-9a-z]{1,10})-[0-9a-f]{8})\.(\d{1,9})\.spool$/;
const NOTE = /^(\d{1,10})-[0-9a-z]{1,10}-[0-9a-f]{8}\.note$/;

/** Name of a writer, unique among processes, threads and restarts. `random` is 8 hex digits. */
export function writerName(pid: number, thread: number, startMs: number, random: string): string {
  return `${pid}-${thread}-${startMs.toString(36)}-${random}`;
}

/** File name of a segment. */
export function segmentName(writer: string, segment: number): string {
  return `${writer}.${segment}.spool`;
}

/** Reads a file name back, `undefined` for any other file. A name that passes holds no path separator. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = SEGMENT.exec(name);
  if (match === null) return undefined;
  const [, writer = '', pid, thread, start = '', segment] = match;
  return {
    writer,
    pid: Number(pid),
    thread: Number(thread),
    startMs: Number.parseInt(start, 36),
    segment: Number(segment),
  };
}

/** The pid of a note file, `undefined` for any other file. */
export function parseNoteName(name: string): number | undefined {
  const match = NOTE.exec(name);
  return match === null ? undefined : Number(match[1]);
}
