import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const read = (name: string, contentType: string) => {
  const body = readFileSync(new URL(name, import.meta.url), 'utf8');
  const version = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/${name}`, body, contentType, url: `/${name}?v=${version}` } as const;
};

/** What a page needs beside its markup; the version in the URL lets browsers keep it for as long as it is right. */
export const STYLE = read('style.css', 'text/css; charset=utf-8');
export const SCRIPT = read('app.js', 'text/javascript; charset=utf-8');
