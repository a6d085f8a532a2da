/** The auditor is audited too: which calls are our own, and which of them we announce. */

/** Application name of collector, server and cli. */
export const SELF_APP = 'outwitness';

/** A call that Outwitness makes on purpose: the launched application, its own collector, a verifier child. */
export interface SelfDeclared {
  readonly channel: string;
  /** Absent: any. */
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly package?: string;
}

/** Was the call made by a package of ours, in whatever process? */
export function isOwnPackage(name: string | undefined): boolean {
  return name === 'outwitness' || name?.startsWith('@outwitness/') === true;
}

export function isSelf(call: { readonly app: string; readonly package?: string }): boolean {
  return call.app === SELF_APP || isOwnPackage(call.package);
}

export function selfDeclares(
  declared: readonly SelfDeclared[],
  call: {
    readonly channel: string;
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly package?: string;
  },
): boolean {
  return declared.some(
    (one) =>
      one.channel === call.channel &&
      (one.host === undefined || one.host === call.host) &&
      (one.port === undefined || one.port === call.port) &&
      (one.path === undefined || one.path === call.path) &&
      (one.package === undefined || one.package === call.package),
  );
}
