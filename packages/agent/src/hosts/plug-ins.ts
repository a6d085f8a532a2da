import type { Guards } from '@outwitness/interceptor';
import { activeAgent } from '../active.ts';
import type { Express } from './express.ts';
import { fastifyPlugin, type FastifyPlugin } from './fastify.ts';
import { nestModule, type NestModule } from './nest.ts';
import type { NestControllers } from './nest-controllers.ts';
import type { Units } from './units.ts';

/** What the entries `outwitness/fastify`, `outwitness/nest` and `outwitness/express` hand out. */
export interface PlugIns {
  readonly fastify: FastifyPlugin;
  readonly nest: NestModule;
  readonly express: <Application extends object>(application: Application) => Application;
}

export function plugInsOf(units: Units, guards: Guards, express: Express, controllers: NestControllers): PlugIns {
  const nest = nestModule(units, guards, controllers);
  return {
    fastify: fastifyPlugin(units, guards),
    get nest() {
      // Asked for in front of the framework's imports.
      controllers.watch();
      return nest;
    },
    express: (application) => {
      express.find();
      return application;
    },
  };
}

/** Those of the agent that watches this thread, which may be another copy than the one that is asked. */
export function plugIns(): PlugIns | undefined {
  return activeAgent()?.plugIns;
}
