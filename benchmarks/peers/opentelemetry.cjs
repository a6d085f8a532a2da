// OpenTelemetry with its own instrumentation of http and fetch; spans are batched as in production and then counted instead of sent.
'use strict';
const fs = require('node:fs');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

let spans = 0;
class Counted extends BatchSpanProcessor {
  onEnd(span) {
    spans++;
    super.onEnd(span);
  }
}
const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined };
new NodeTracerProvider({ spanProcessors: [new Counted(exporter)] }).register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
// The workloads are ES modules: what they import is patched when it is required first.
require('node:http');
process.on('exit', () => fs.writeFileSync(process.env.PEER_COUNT, `${spans}`));
