/** Settings of Node-RED that keep it from calling anybody of its own accord. */
module.exports = {
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  credentialSecret: false,
  diagnostics: { enabled: false },
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
  editorTheme: { tours: false },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
};
