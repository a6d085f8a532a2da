// CPU of this process per call, after a warm-up. Plain JavaScript, since it runs on every Node that can be audited.
import process from 'node:process';

const lanes = Number(process.env.LANES);
const warmUp = Number(process.env.WARM_UP);
const calls = Number(process.env.CALLS);

/** Makes all calls, so many at a time, and prints what the calls after the warm-up cost. */
export async function measureCalls(call) {
  await inLanes(warmUp, call);
  const before = process.cpuUsage();
  await inLanes(calls, call);
  print(process.cpuUsage(before));
}

/** For servers: call it on each request; resolves `done` after the last. */
export function measureRequests() {
  let count = 0;
  let before;
  let finish;
  const done = new Promise((resolve) => {
    finish = resolve;
  });
  const onRequest = () => {
    count++;
    if (count === warmUp) before = process.cpuUsage();
    if (count < warmUp + calls) return;
    print(process.cpuUsage(before));
    finish();
  };
  return { onRequest, done };
}

async function inLanes(total, call) {
  let next = 0;
  const lane = async () => {
    while (next < total) await call(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function print({ user, system }) {
  process.stdout.write(`${JSON.stringify({ cpuUs: user + system, rss: process.memoryUsage.rss() })}\n`);
}
