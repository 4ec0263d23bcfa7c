import { LIST_NAMES } from '../../src/db/qa-list/definition.ts';
import type { RouteRole } from '../../src/http/access/guard.ts';
import { openRandom } from '../../src/simulate/scanner/random.ts';
import type { PlantedSite } from '../../test/support/stored/planted-site.ts';
import { BODY_NAMES, CSV_HEADS, MARK, QUERY_NAMES, type Values, valuesOf } from './http-values.ts';

export type FuzzTarget = {
  readonly routes: readonly RouteRole[];
  readonly site: PlantedSite;
  /** Headers of those who are signed in, each in another way. */
  readonly people: readonly Readonly<Record<string, string>>[];
};

export type FuzzCase =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer | null;
    }
  | { readonly kind: 'raw'; readonly bytes: Buffer };

/** Text in an address: percent-encoded, half of it, or as it is where that can be sent at all. */
function encoded(text: string, values: Values): string {
  const bytes = Buffer.from(text);
  if (values.chance(0.8)) return encodeURIComponent(bytes.toString()).replaceAll('%EF%BF%BD', '%ED%A0%80');
  return text.replaceAll(/[^!-~]/g, (one) => (values.chance(0.5) ? `%${(one.charCodeAt(0) & 255).toString(16)}` : 'x'));
}

function pathOf(url: string, values: Values): string {
  const path = url
    .replace(':id', () => encoded(values.id(url), values))
    .replace(':name', () => (values.chance(0.8) ? values.pick(LIST_NAMES) : encoded(values.any(), values)))
    .replace(':item', () => (values.chance(0.5) ? 'IMAGES' : encoded(values.any(), values)))
    .replace(':kind', () =>
      values.chance(0.7) ? values.pick(['therapy', 'markers', 'risks']) : encoded(values.any(), values),
    )
    .replace(':secret', () => encoded(values.any(), values));
  if (values.chance(0.04)) return `${path}${values.pick(['/', '//', '/%', '/%00', '/..', '?', '#', '%'])}`;
  if (values.chance(0.5)) return path;
  const pairs = Array.from({ length: values.pick([1, 1, 2, 3, 5]) }, () => {
    const name = encoded(values.pick(QUERY_NAMES), values);
    return `${name}${values.pick(['=', '=', '=', '=', '', '[]=', '=='])}${encoded(values.any(), values)}`;
  });
  return `${path}?${pairs.join(values.pick(['&', '&', '&', '&&', ';']))}`;
}

function jsonOf(values: Values): string {
  const made = (): unknown =>
    values.pick([values.any(), values.any(), 1, 1e308, true, null, [values.any()], { a: values.any() }]);
  const entries = Array.from(
    { length: values.pick([0, 1, 2, 3, 4]) },
    () => [values.pick(BODY_NAMES), made()] as const,
  );
  const text = JSON.stringify(Object.fromEntries(entries));
  return values.pick([text, text, text, text, text.slice(0, -1), `[${text}]`, '['.repeat(2_000), 'null', `"${MARK}`]);
}

function bodyOf(url: string, values: Values): { readonly type: string; readonly body: Buffer } {
  const form = () =>
    Array.from(
      { length: values.pick([1, 2, 3, 4]) },
      () => `${values.pick(BODY_NAMES)}=${encoded(values.any(), values)}`,
    ).join('&');
  const csv = () => {
    const head = values.pick(CSV_HEADS);
    const row = head.split(',').map(() => JSON.stringify(values.any()).replaceAll('\\', ''));
    return `${head}\n${row.join(values.pick([',', ',', ';']))}\n`;
  };
  const made = {
    'application/json': () => Buffer.from(jsonOf(values)),
    'application/x-www-form-urlencoded': () => Buffer.from(form()),
    'text/csv': () => (values.chance(0.8) ? Buffer.from(csv()) : values.bytes(200)),
    'multipart/form-data; boundary=b': () =>
      Buffer.from(`--b\r\ncontent-disposition: form-data; name="text"\r\n\r\n${MARK}\r\n`),
    'text/plain': () => values.bytes(values.pick([0, 10, 70_000])),
  } as const;
  const usual = url.includes('/context/')
    ? 'text/csv'
    : values.pick(['application/json', 'application/x-www-form-urlencoded'] as const);
  const kind = values.chance(0.85) ? usual : values.pick(Object.keys(made) as (keyof typeof made)[]);
  const type = values.chance(0.95)
    ? kind
    : values.pick(['', ';', 'application/json; charset=x', MARK, `${kind}; charset=utf-16`]);
  return { type, body: made[kind]() };
}

/** A header's value can hold no control characters; what is left of one is sent. */
const header = (text: string) => text.replaceAll(/[^\t -~\u00a0-\u00ff]/g, '').slice(0, 4_000);

function headersOf({ people }: FuzzTarget, values: Values): Record<string, string> {
  const who = values.chance(0.9)
    ? values.pick(people)
    : values.pick([
        {},
        { cookie: header(`dxaflow_session=${values.any()}`) },
        { authorization: header(`Bearer ${values.any()}`) },
      ]);
  const more: Record<string, () => string> = {
    'if-match': () => values.pick(['"1"', '"2"', '"3"', 'W/"1"', '*', `"${values.any()}"`]),
    accept: () => values.pick(['application/json', 'text/html', '*/*', values.any()]),
    origin: () => values.pick(['http://127.0.0.1', 'null', `http://${MARK}`, values.any()]),
    'sec-fetch-site': () => values.pick(['same-origin', 'same-origin', 'none', 'cross-site', values.any()]),
    'x-forwarded-for': () => values.pick(['192.0.2.1', '192.0.2.2', '2001:db8::1', 'unknown', values.any()]),
    'x-forwarded-proto': () => values.pick(['https', 'http', values.any()]),
    'x-forwarded-host': () => values.any(),
    referer: () => `http://x/${MARK}`,
    'user-agent': () => values.any(),
    range: () => values.pick(['bytes=0-1', values.any()]),
    'accept-encoding': () => values.any(),
  };
  const chosen = Object.entries(more).filter(([name]) => values.chance(name === 'if-match' ? 0.5 : 0.15));
  return { ...who, ...Object.fromEntries(chosen.map(([name, make]) => [name, header(make())])) };
}

/** Bytes that begin like a request and are none, or nothing like one. */
function rawBytes(values: Values): Buffer {
  const head = values.pick(['GET', 'POST', 'PUT', 'BREW', 'get', '', 'CONNECT', 'PRI']);
  const path = values.pick(['/', `/%${MARK}`, '/files/\xff', '*', `/${MARK.repeat(3_000)}`, 'http://x/', '/\0', ' ']);
  const version = values.pick(['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP', '']);
  const lines = Array.from({ length: values.pick([0, 1, 2, 4]) }, () =>
    values.pick([
      'host: x',
      'content-length: 5',
      'content-length: -1',
      'transfer-encoding: chunked',
      'transfer-encoding: x',
      `x: ${MARK}\0`,
      ' folded',
      'expect: 100-continue',
      'expect: x',
      'upgrade: websocket\r\nconnection: upgrade',
      `cookie: ${'a=b;'.repeat(5_000)}`,
    ]),
  );
  const text = [
    `${head} ${path} ${version}`,
    ...lines,
    'connection: close',
    '',
    values.pick(['', '5\r\nabcde\r\n', 'zz\r\n', MARK]),
  ].join('\r\n');
  const bytes = Buffer.from(text, 'latin1');
  return values.chance(0.2) ? values.bytes(64) : bytes;
}

/** One request, made from seed and number alone. */
export function makeHttpCase(target: FuzzTarget, seed: number, number: number): FuzzCase {
  const random = openRandom(seed, `http-${number}`);
  const values = valuesOf(random, target.site);
  if (values.chance(0.08)) return { kind: 'raw', bytes: rawBytes(values) };
  // Each password takes a tenth of a second, and signing out would end the session of all that follows.
  const usual = target.routes.filter(({ url }) => url !== '/sign-out' && url !== '/sign-in');
  const route = values.pick(values.chance(0.97) ? usual : target.routes.filter(({ url }) => url !== '/sign-out'));
  const method = values.chance(0.9)
    ? route.method
    : values.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND', 'TRACE']);
  const headers = headersOf(target, values);
  if (method === 'GET' || method === 'HEAD' || values.chance(0.03))
    return { kind: 'request', method, path: pathOf(route.url, values), headers, body: null };
  const { type, body } = bodyOf(route.url, values);
  return {
    kind: 'request',
    method,
    path: pathOf(route.url, values),
    headers: { ...headers, ...(type === '' ? {} : { 'content-type': type }) },
    body,
  };
}
