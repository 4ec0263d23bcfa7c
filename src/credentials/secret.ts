import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits for a link, session or token, in a form that a URL and a cookie take as it is. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of a secret. A fast hash is right here: 256 random bits cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
