import type { Declared, DestinationClass, Judge, Judgement, NetDraft } from '@outwitness/event';

import type { Catalogue } from './catalogue.ts';
import { classifyPeer, classOf, isInternalName, type Listed, lookUp } from './classify.ts';
import { hostMatch } from './host-pattern.ts';
import { unmapped } from './ip.ts';
import { declaredBy, type Manifest, parseManifest } from './manifest.ts';
import { isAcknowledged } from './pair.ts';
import { isSelf, type SelfDeclared, selfDeclares } from './self.ts';

export interface JudgeInput {
  readonly catalogue: Catalogue;
  /** SHA-256 (hex) of `catalogueText(catalogue)`: hashing needs a port that this package does not have. */
  readonly digest: string;
  /** What Outwitness itself may do. */
  readonly self: readonly SelfDeclared[];
}

/** Listener of an inbound call whose local address nobody knows: never what a client wrote into Host. */
const OTHER = '(other)';

/**
 * Makes the function that the ledger calls for each `net` row before it is written.
 *
 * @example new Assembler({ judge: makeJudge({ catalogue, digest: sha256(catalogueText(catalogue)), self: [] }), … })
 */
export function makeJudge(input: JudgeInput): Judge {
  const manifests = new ManifestCache();
  return (draft, manifestText) =>
    draft.direction === 'in' ? judgeInbound(input, draft) : judgeOutbound(input, draft, manifests.get(manifestText));
}

function judgeInbound({ catalogue, digest }: JudgeInput, draft: NetDraft): Judgement {
  const { class: found, listed } = classifyPeer(catalogue, draft.channel, draft.peerAddress);
  return {
    class: found,
    ...names(listed),
    declared: 'none',
    catalogue: digest,
    listener: listenerOf(catalogue, draft),
  };
}

function judgeOutbound(input: JudgeInput, draft: NetDraft, manifest: Manifest | undefined): Judgement {
  const { catalogue, digest } = input;
  const listed = lookUp(catalogue, draft);
  const declared = isSelf(draft)
    ? selfDeclares(input.self, draft)
      ? 'yes'
      : 'no'
    : declaredOf(draft, manifest, listed);
  return { class: outboundClass(catalogue, draft, listed, declared), ...names(listed), declared, catalogue: digest };
}

/** The catalogue's limits bind whatever a manifest says: its author is the operator, not the package. */
function declaredOf(draft: NetDraft, manifest: Manifest | undefined, listed: Listed): Declared {
  const declared = declaredBy(manifest, draft);
  return typeof listed === 'object' && listed.beyond && declared !== 'no' ? 'beyond' : declared;
}

function outboundClass(catalogue: Catalogue, draft: NetDraft, listed: Listed, declared: Declared): DestinationClass {
  if (listed !== undefined) return classOf(listed);
  const peer = draft.proxy === undefined ? draft.peerAddress : undefined;
  if (isInternalName(draft.channel, draft.host, peer)) return 'internal';
  if (!isSelf(draft) && (declared === 'yes' || declared === 'beyond')) return 'third-party';
  const pair = { package: draft.package ?? '', host: draft.host ?? '', port: draft.port ?? -1 };
  return isAcknowledged(catalogue.acknowledged, pair) ? 'third-party' : 'unclassified';
}

function names(listed: Listed): { vendor?: string; component?: string } {
  return typeof listed === 'object' ? { vendor: listed.vendor.name, component: listed.component.id } : {};
}

/** A name matched by a pattern becomes the pattern, or strangers could grow the rollup by names of their choice. */
function listenerOf(catalogue: Catalogue, draft: NetDraft): string {
  const host = draft.host;
  const listed = host === undefined ? undefined : catalogue.hosts.find((pattern) => hostMatch(pattern, host) > 0);
  if (listed !== undefined) return listed;
  return draft.localAddress === undefined || draft.localAddress === '' ? OTHER : unmapped(draft.localAddress);
}

/** Manifests are few and calls are many. An unreadable manifest declares nothing and is as if there were none. */
class ManifestCache {
  static readonly #MOST = 1000;
  readonly #parsed = new Map<string, Manifest | undefined>();

  get(text: string | undefined): Manifest | undefined {
    if (text === undefined) return undefined;
    if (this.#parsed.has(text)) return this.#parsed.get(text);
    if (this.#parsed.size >= ManifestCache.#MOST) this.#parsed.clear();
    const manifest = readable(text);
    this.#parsed.set(text, manifest);
    return manifest;
  }
}

function readable(text: string): Manifest | undefined {
  try {
    return parseManifest(text);
  } catch {
    return undefined;
  }
}
