import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { OpenAPIV3 } from 'openapi-types';
import type { App } from '../answer/context.ts';
import { html, lines } from '../answer/html.ts';
import { type Markup, table } from '../view/layout.ts';
import { sendPage } from '../view/send.ts';

/** Collects the OpenAPI document from the schemas that also parse the requests; register before the routes. */
export async function collectOpenApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'dxaflow',
        version: '1',
        description:
          'Decision support for quality assurance of bone densitometry; not a medical device. Errors are application/problem+json with a stable code.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
}

const METHODS = ['get', 'put', 'post', 'delete'] as const;

const isParameter = (one: OpenAPIV3.ParameterObject | OpenAPIV3.ReferenceObject): one is OpenAPIV3.ParameterObject =>
  'name' in one;

function operationSection(path: string, method: string, operation: OpenAPIV3.OperationObject): Markup {
  const parameters = (operation.parameters ?? []).filter(isParameter);
  const rows = parameters.map(
    (one) =>
      html`<tr><td><code>${one.name}</code></td><td>${one.in}</td><td>${one.required === true ? 'yes' : ''}</td><td>${one.description ?? ''}</td></tr>`,
  );
  const body =
    'requestBody' in operation
      ? html`<details><summary>Body</summary><pre class="tree" tabindex="0">!${lines(JSON.stringify(operation.requestBody, null, 2))}</pre></details>`
      : '';
  return html`<section aria-label="${method.toUpperCase()} ${path}"><h2><code>${method.toUpperCase()} ${path}</code></h2><p>${operation.summary ?? ''} ${operation.description ?? ''}</p>
!${rows.length === 0 ? '' : table({ label: `Parameters of ${method.toUpperCase()} ${path}`, headings: ['Parameter', 'In', 'Required', 'Meaning'], rows })}!${body}
<details><summary>Answers</summary><pre class="tree" tabindex="0">!${lines(JSON.stringify(operation.responses, null, 2) ?? '')}</pre></details></section>`;
}

/** The document for programs and the same for people. */
export function addDocumentRoutes(app: App, documentOf: () => object): void {
  const config = { role: 'viewer', shows: 'nothing' } as const;
  app.get('/api/openapi.json', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(documentOf())),
  );
  app.get('/api', { config, schema: { hide: true } }, async (request, reply) => {
    const { paths } = documentOf() as OpenAPIV3.Document;
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item?.[method];
        return operation === undefined ? [] : [operationSection(path, method, operation)];
      }),
    );
    const content = html`<h1>API</h1><p>Programs send <code>Authorization: Bearer …</code> with a token of
<code>dxaflow token create</code>. The same as a document: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>
!${operations.join('')}`;
    return sendPage(request, reply, { title: 'API', section: 'api', content });
  });
}
