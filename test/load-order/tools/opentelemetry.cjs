// Instruments http and fetch; the spans are counted instead of sent.
'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');
const peer = createRequire(path.join(__dirname, '../../../benchmarks/peers/package.json'));
const { registerInstrumentations } = peer('@opentelemetry/instrumentation');
const { HttpInstrumentation } = peer('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = peer('@opentelemetry/instrumentation-undici');
const { NodeTracerProvider, SimpleSpanProcessor } = peer('@opentelemetry/sdk-trace-node');

let spans = 0;
const exporter = {
  export: (made, done) => {
    spans += made.length;
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
process.on('exit', () => process.stdout.write(`spans ${spans}\n`));
