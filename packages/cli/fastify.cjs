'use strict';
/* oxlint-disable no-unused-vars -- must parse on any Node */
// The plug-in for Fastify: loads the agent, and names the package whose route is at work. Where no agent can be loaded it does nothing.
require('./register.cjs');
module.exports = function outwitness(instance, options, done) {
  done();
};
try {
  module.exports = require('@outwitness/agent').plugIns().fastify;
} catch (_) {
  // register.cjs has told why.
}
module.exports.default = module.exports;
