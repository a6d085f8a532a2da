/** The command line as a function. */
export { main } from './main.ts';
