import cookie from '@fastify/cookie';
import formBody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { guardRoutes } from './access/guard.ts';
import { addCaseApi } from './api/cases.ts';
import { addContextApi } from './api/context.ts';
import { addDocumentRoutes, collectOpenApi } from './api/document.ts';
import { addFailedApi } from './api/failed.ts';
import { addNightApi } from './api/nights.ts';
import { addReadApi } from './api/reads.ts';
import type { ServerContext } from './context.ts';
import { answerErrors } from './errors.ts';
import { SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY } from './headers.ts';
import { addCaseRoutes } from './routes/case.ts';
import { addFailedRoutes } from './routes/failed.ts';
import { addFileRoutes } from './routes/files.ts';
import { addHealthRoutes, refuseWhenOutdated } from './routes/health.ts';
import { addListRoutes } from './routes/lists.ts';
import { addNightRoutes } from './routes/nights.ts';
import { addPatientRoutes } from './routes/patients.ts';
import { addScannerRoutes } from './routes/scanners.ts';
import { addSignInRoutes } from './routes/sign-in.ts';
import { addStatusRoutes } from './routes/status.ts';
import { addUnmappedRoutes } from './routes/unmapped.ts';
import { addWorklistRoutes } from './routes/worklist.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

/** Builds the server; whoever calls decides where it listens. */
export async function buildServer(context: ServerContext): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.addHook('onSend', async (request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
    if (request.headers['x-forwarded-proto'] === 'https') {
      reply.header('strict-transport-security', STRICT_TRANSPORT_SECURITY);
    }
  });
  await collectOpenApi(server);
  await server.register(cookie);
  await server.register(formBody, { bodyLimit: BODY_LIMIT_BYTES });
  answerErrors(server, context);
  refuseWhenOutdated(server, context);
  guardRoutes(server, context.pool);

  const app = server.withTypeProvider<ZodTypeProvider>();
  addHealthRoutes(app, context);
  addSignInRoutes(app, context);
  addWorklistRoutes(app, context);
  addCaseRoutes(app, context);
  addPatientRoutes(app, context);
  addScannerRoutes(app, context);
  addFileRoutes(app, context);
  addFailedRoutes(app, context);
  addListRoutes(app, context);
  addUnmappedRoutes(app, context);
  addNightRoutes(app, context);
  addStatusRoutes(app, context);
  addCaseApi(app, context);
  addReadApi(app, context);
  addFailedApi(app, context);
  addNightApi(app, context);
  addContextApi(app, context);
  addDocumentRoutes(app, () => server.swagger());
  return server;
}
