/** For `instrumentation.js` of Next.js 15: loads the agent in servers that run on Node.js. */
export declare function register(): void;

/**
 * For `next.config`: leaves this package out of the bundle, so that there is one copy of it in the process.
 *
 * @returns a copy of the configuration
 */
export declare function withOutwitness<Config extends { serverExternalPackages?: string[] }>(config: Config): Config;
