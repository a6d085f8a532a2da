/** A plug-in for Fastify 4 and 5: `await app.register(outwitness)` before the first route. Loads the agent if it is not there yet. It takes no options. */
declare function outwitness(instance: object, options: object, done: (error?: Error) => void): void;
export = outwitness;
