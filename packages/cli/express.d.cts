/**
 * For an application of Express 4 or 5: call it before the first route is put in place. Loads the agent if it is not there yet.
 *
 * @returns the application
 */
declare function outwitness<Application extends object>(app: Application): Application;
export = outwitness;
