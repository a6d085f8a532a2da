/** A reporter of node:test that says one JSON line per test, for whoever counts them. */
export default async function* lines(events) {
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue;
    const { cause = data.details.error, message } = data.details.error ?? {};
    const skipped = data.skip ?? data.todo;
    yield `${JSON.stringify({
      name: data.name,
      file: data.file,
      ended: type === 'test:fail' ? 'failed' : skipped === undefined ? 'passed' : 'skipped',
      why: type === 'test:fail' ? String(cause?.stack ?? message) : skipped,
    })}\n`;
  }
}
