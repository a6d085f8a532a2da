'use strict';
/* oxlint-disable no-unused-vars -- must parse on any Node */
// `outwitness(app)`: loads the agent, and sees to it that routes of Express are known by who puts them in place, also on Node.js versions where that is off by default. Where no agent can be loaded the application is handed back as it is.
require('./register.cjs');
module.exports = function outwitness(app) {
  return app;
};
try {
  module.exports = require('@outwitness/agent').plugIns().express;
} catch (_) {
  // register.cjs has told why.
}
module.exports.default = module.exports;
