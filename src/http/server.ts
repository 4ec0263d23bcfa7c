import cookie from '@fastify/cookie';
import formBody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { readClients, trustProxies } from './access/client.ts';
import { boundConnections, PATIENCE } from './access/connections.ts';
import { guardRoutes } from './access/guard.ts';
import { logAccesses } from './access/shown.ts';
import { createThrottle } from './access/throttle.ts';
import type { ServerContext } from './answer/context.ts';
import { setSecurityHeaders } from './answer/headers.ts';
import { refuseInvalidText } from './answer/request-text.ts';
import { addCaseApi } from './api/cases.ts';
import { addContextApi } from './api/context.ts';
import { addDocumentRoutes, collectOpenApi } from './api/document.ts';
import { addFailedApi } from './api/failed.ts';
import { addMergeApi } from './api/merges.ts';
import { addNightApi } from './api/nights.ts';
import { addReadApi } from './api/reads.ts';
import { addSettingApi } from './api/settings.ts';
import { addVisitApi } from './api/visits.ts';
import { addCaseRoutes } from './routes/case.ts';
import { addFailedRoutes } from './routes/failed.ts';
import { addFileRoutes } from './routes/files.ts';
import { addHealthRoutes, refuseWhenOutdated } from './routes/health.ts';
import { addListRoutes } from './routes/lists.ts';
import { addMergeRoutes } from './routes/merge.ts';
import { addNightRoutes } from './routes/nights.ts';
import { addPatientRoutes } from './routes/patients.ts';
import { addRejectionRoutes } from './routes/rejections.ts';
import { addScannerRoutes } from './routes/scanners.ts';
import { addSettingRoutes } from './routes/settings.ts';
import { addSignInRoutes } from './routes/sign-in.ts';
import { addStatusRoutes } from './routes/status.ts';
import { addUnmappedRoutes } from './routes/unmapped.ts';
import { addWorklistRoutes } from './routes/worklist.ts';
import { answerClientError, answerErrors, answerExpectation, answerFrameworkError } from './view/errors.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

/** Builds the server; the caller decides where it listens. */
export async function buildServer(context: ServerContext): Promise<FastifyInstance> {
  const proxies = trustProxies(context.trustedProxies ?? []);
  const throttle = createThrottle(context.pool, context.log, context.countSignInFailure ?? (() => undefined));
  const server = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    ...PATIENCE,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    forceCloseConnections: true,
    trustProxy: (address: string) => proxies.isTrusted(address),
    routerOptions: { maxParamLength: 200 },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  boundConnections(server.server, proxies);
  server.server.on('checkExpectation', answerExpectation);
  server.addHook('onSend', async (request, reply) => setSecurityHeaders(request, reply));
  await collectOpenApi(server);
  await server.register(cookie);
  await server.register(formBody, { bodyLimit: BODY_LIMIT_BYTES });
  answerErrors(server, context);
  refuseInvalidText(server);
  refuseWhenOutdated(server, context);
  readClients(server, proxies, context.log);
  guardRoutes(server, context.pool, throttle);
  logAccesses(server, context.pool);

  const app = server.withTypeProvider<ZodTypeProvider>();
  addHealthRoutes(app, context);
  addSignInRoutes(app, context, throttle);
  addWorklistRoutes(app, context);
  addCaseRoutes(app, context);
  addPatientRoutes(app, context);
  addMergeRoutes(app, context);
  addScannerRoutes(app, context);
  addFileRoutes(app, context);
  addRejectionRoutes(app, context);
  addFailedRoutes(app, context);
  addListRoutes(app, context);
  addUnmappedRoutes(app, context);
  addNightRoutes(app, context);
  addSettingRoutes(app, context);
  addStatusRoutes(app, context);
  addCaseApi(app, context);
  addReadApi(app, context);
  addVisitApi(app, context);
  addFailedApi(app, context);
  addNightApi(app, context);
  addContextApi(app, context);
  addMergeApi(app, context);
  addSettingApi(app, context);
  addDocumentRoutes(app, () => server.swagger());
  return server;
}
