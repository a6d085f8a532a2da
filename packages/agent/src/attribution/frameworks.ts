const NAMES =
  'express fastify koa hono @hono/node-server @nestjs/core @nestjs/common @nestjs/platform-express @nestjs/platform-fastify ' +
  '@nestjs/microservices @nestjs/platform-socket.io @nestjs/platform-ws next nuxt nitropack nitro h3 listhen srvx @sveltejs/kit astro @astrojs/node ' +
  '@remix-run/serve @remix-run/express @react-router/serve restify connect polka @hapi/hapi @hapi/glue @feathersjs/express @feathersjs/koa ' +
  '@adonisjs/core @adonisjs/http-server micro restana 0http tinyhttp @tinyhttp/app sails egg midway @midwayjs/web @loopback/rest @loopback/http-server ' +
  'strapi @strapi/core @strapi/strapi moleculer-web apollo-server apollo-server-express @apollo/server graphql-yoga json-server ' +
  'http-server serve-handler serve live-server browser-sync webpack-dev-server vite socket.io engine.io ws http-terminator stoppable server-destroy ' +
  'http-shutdown http-graceful-shutdown @godaddy/terminus lightship close-with-grace avvio fastify-cli spdy http2-express-bridge ' +
  'aedes-server-factory smtp-server ftp-srv ssh2 pm2 throng';

/**
 * Packages that let a server listen for the application that asked them to. They are the answer to "whose server is
 * it" only where nobody else is on the stack. For calls they are no transports: what one of their dependencies sends
 * is that package's business.
 */
export const FRAMEWORKS: ReadonlySet<string> = new Set(NAMES.split(' '));
