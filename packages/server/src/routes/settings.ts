import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';

import type { Backend } from '../backend.ts';
import type { Door } from '../door.ts';
import { refused } from '../refused.ts';
import { ErrorAnswer, SettingChanges, Settings, Witness } from '../schemas.ts';
import type { WitnessJson } from '../wire.ts';

export function settingsRoutes(backend: Backend, door: Door): FastifyPluginAsyncTypebox {
  const response = { 200: Settings, '4xx': ErrorAnswer, '5xx': ErrorAnswer };
  return async (app) => {
    app.get('/settings', { schema: { summary: 'The settings in force', response } }, async (request) => {
      door.admit(request, 'look');
      return backend.settings();
    });
    const witness = { 200: Witness, '4xx': ErrorAnswer, '5xx': ErrorAnswer };
    app.get(
      '/witness',
      { schema: { summary: 'Whether witnesses get in', response: witness } },
      async (request): Promise<WitnessJson> => {
        door.admit(request, 'look');
        const token = backend.witness.token();
        return { state: token === undefined ? 'off' : token === '' ? 'no-token' : 'on' };
      },
    );
    app.patch(
      '/settings',
      { schema: { summary: 'Change settings; writes a row first', body: SettingChanges, response } },
      async (request) => {
        const who = door.admit(request, 'settings');
        return backend.changeSettings(request.body, who).catch(refused);
      },
    );
  };
}
