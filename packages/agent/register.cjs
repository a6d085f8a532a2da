'use strict';
/* oxlint-disable no-unused-vars, no-var, unicorn/prefer-node-protocol -- must parse on any Node */
// Entry for `node --require`, in old syntax, so that a Node which cannot run the agent still runs the application.
// Whatever fails here, the application starts; a note in the spool directory, if there is one, tells the collector.
(function register() {
  var emitWarning = process.emitWarning;
  try {
    var version = process.versions.node.split('.').map(Number);
    var fits = (version[0] === 20 && version[1] >= 19) || (version[0] === 22 && version[1] >= 12) || version[0] > 22;
    if (!fits) return note('unsupported-node', 'found ' + process.version + ', needed ^20.19 or >=22.12');
    if (!process.features.require_module) return note('no-require-module', 'require() of ES modules is switched off');
    var root = rootOf(module);
    process.emitWarning = function quiet(warning, type) {
      // Node 20 and 22 say once that require() of ES modules is experimental; the application did not ask for it.
      if (type !== 'ExperimentalWarning') emitWarning.apply(process, arguments);
    };
    var agent = require('./load.cjs');
    agent.install({ loaded: agent.howLoaded(root.id) });
  } catch (error) {
    note((error && error.code) || 'error', String(error && error.message));
  } finally {
    process.emitWarning = emitWarning;
  }
  // `module.parent` is deprecated: under --pending-deprecation Node would say so in the application's name.
  function rootOf(own) {
    var top = own;
    var before = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
    Object.defineProperty(process, 'noDeprecation', { value: true, configurable: true });
    while (top.parent) top = top.parent;
    if (before) Object.defineProperty(process, 'noDeprecation', before);
    else delete process.noDeprecation;
    return top;
  }
  function note(code, message) {
    try {
      var path = require('path');
      var folder =
        process.env.OUTWITNESS_SPOOL || path.join(path.resolve(process.env.OUTWITNESS_DATA || '.outwitness'), 'spool');
      var name = process.pid + '-' + Date.now().toString(36) + '-' + require('crypto').randomBytes(4).toString('hex');
      var text = (code + ' ' + message).replace(/\s+/g, ' ').slice(0, 500);
      require('fs').writeFileSync(path.join(folder, name + '.note'), text + '\n', { flag: 'wx', mode: 416 });
    } catch (_) {
      // Nothing is left to tell it to: the application goes on.
    }
  }
})();
