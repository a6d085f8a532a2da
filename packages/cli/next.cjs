'use strict';
/* oxlint-disable no-var -- loads wherever Next.js evaluates it */
// `export { register } from 'outwitness/next'` in instrumentation.js, and `withOutwitness(config)` in next.config: the agent is loaded in servers on Node.js, never in an edge runtime.
exports.register = function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') require('./register.cjs');
};

exports.withOutwitness = function withOutwitness(config) {
  var external = (config && config.serverExternalPackages) || [];
  return Object.assign({}, config, { serverExternalPackages: external.concat('outwitness') });
};
