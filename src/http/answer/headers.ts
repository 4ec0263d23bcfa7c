import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Pages hold patients' names: nothing foreign runs in them, nothing keeps a copy, no other site frames or opens them, and
 * no URL of ours leaves with a link.
 */
export const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
} as const;

/** Only where a proxy in front speaks TLS: over plain HTTP the header means nothing. */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/** Puts them on an answer, but for those that its handler chose itself. */
export function setSecurityHeaders({ protocol }: FastifyRequest, reply: FastifyReply): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    if (!reply.hasHeader(name)) reply.header(name, value);
  }
  if (protocol === 'https') reply.header('strict-transport-security', STRICT_TRANSPORT_SECURITY);
}
