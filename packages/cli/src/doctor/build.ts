import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { ownBuild, VERSION } from '@outwitness/agent';

/** The agent of this installation, file by file. */
export interface BuildJson {
  schemaVersion: 1;
  /** `digest` is what every `hello` of this agent carries. */
  agent: { version: string; digest: string | null };
  files: { package: string; file: string; bytes: number; sha256: string }[];
}

export function build(): BuildJson {
  const { digest, files } = ownBuild();
  return {
    schemaVersion: 1,
    agent: { version: VERSION, digest: digest ?? null },
    files: files.map(({ folder, name, content }) => ({
      package: basename(dirname(folder)),
      file: `${basename(folder)}/${name}`,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
}
