'use strict';
/* oxlint-disable no-unused-vars, typescript/no-extraneous-class -- loads on any Node that NestJS runs on */
// The module for NestJS: loads the agent, and names the package whose controller is at work. Where no agent can be loaded it is an empty module.
require('./register.cjs');
class OutwitnessModule {
  static forRoot() {
    return { module: OutwitnessModule };
  }
}
exports.OutwitnessModule = OutwitnessModule;
try {
  exports.OutwitnessModule = require('@outwitness/agent').plugIns().nest;
} catch (_) {
  // register.cjs has told why.
}
