/** The Python agent writes and redacts byte for byte what the vectors and the TypeScript writer say, and each reads the other's files. */
import { pythonVectors } from './experiments/python-vectors.ts';
import { Checks } from './output/checks.ts';

const checks = new Checks();
pythonVectors(checks, 4000);
checks.print();
