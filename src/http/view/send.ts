import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Markup, page, type Section } from './layout.ts';

/** Sends a page with its frame, for the signed-in user. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    title,
    section,
    content,
    status = 200,
  }: {
    readonly title: string;
    readonly section: Section;
    readonly content: Markup;
    readonly status?: number;
  },
): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(page({ title, section, identity: request.identity }, content));
}
