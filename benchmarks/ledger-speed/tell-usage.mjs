/** Loaded into a program that is measured (`--import`): at its end it tells what it used, on descriptor 3. */
import { writeSync } from 'node:fs';

process.once('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify({ rssKiB: maxRSS, cpuUs: userCPUTime + systemCPUTime }));
});
