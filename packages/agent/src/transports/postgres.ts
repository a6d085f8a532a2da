import { type Adapter, member } from './adapter.ts';

/** A query is sent when it is awaited, by a connection that is made for it then or when another's has ended. */
export const postgres: Adapter = {
  name: 'postgres',
  files: [
    { file: 'cjs/src/query.js', adapt: (exports, noting) => noting.markCreation(member(exports, 'Query')) },
    {
      file: 'cjs/src/connection.js',
      replace(Connection, noting) {
        return noting.returning(Connection, (connection) =>
          noting.resume(connection, 'connect', (_self, args) => args[0]),
        );
      },
    },
  ],
};
