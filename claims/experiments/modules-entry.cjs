'use strict';
// Puts the agent in place by its modules instead of the one file that is made of them: faults are injected into objects of these modules.
require('../../packages/agent/dist/index.js').install({ loaded: 'require' });
