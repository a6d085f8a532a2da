'use strict';
/* oxlint-disable no-unused-vars, no-var, unicorn/prefer-node-protocol -- must parse on any Node */
// `node --require outwitness/register`: hands over to the agent. If the agent's folder is gone, the application starts all the same and a note tells the collector.
try {
  require('@outwitness/agent/register');
} catch (error) {
  try {
    var path = require('path');
    var folder = path.join(path.resolve(process.env.OUTWITNESS_DATA || '.outwitness'), 'spool');
    var name = process.pid + '-' + Date.now().toString(36) + '-' + require('crypto').randomBytes(4).toString('hex');
    var text = ('no-agent ' + (error && error.message)).replace(/\s+/g, ' ').slice(0, 500);
    require('fs').writeFileSync(path.join(folder, name + '.note'), text + '\n', { flag: 'wx', mode: 416 });
  } catch (_) {
    // Nothing is left to tell it to: the application goes on.
  }
}
