// What a program that does nothing costs until its first turn of the event loop, and what it then weighs.
import 'node:http';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

await new Promise(setImmediate);
const { user, system } = process.cpuUsage();
await sleep(250);
process.stdout.write(`${JSON.stringify({ cpuUs: user + system, rss: process.memoryUsage.rss() })}\n`);
