import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

export const MINIMUM_PASSWORD_LENGTH = 12;
const LOG2_N = 15;
const BLOCK = 8;
const PARALLEL = 3;
const KEY_BYTES = 32;
/** Signing in costs about 0.1 s and 32 MB: N=2^15, r=8, p=3 of the OWASP Password Storage Cheat Sheet. */
const MAX_MEMORY = 64 * 1024 * 1024;

async function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  // NFKC: the same password typed on another keyboard may come as other code points.
  return await new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...options, maxmem: MAX_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

/** "scrypt$log2N$r$p$salt$key"; the parameters stand beside the key so that they can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, { N: 2 ** LOG2_N, r: BLOCK, p: PARALLEL });
  return ['scrypt', LOG2_N, BLOCK, PARALLEL, salt.toString('base64'), key.toString('base64')].join('$');
}

/** Verifies in the same time whether or not the user exists: pass null for an unknown one. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, log2N, r, p, salt, key] = (stored !== null && STORED.test(stored) ? stored : UNKNOWN_USER).split('$');
  const expected = Buffer.from(key ?? '', 'base64');
  const given = await derive(password, Buffer.from(salt ?? '', 'base64'), {
    N: 2 ** Number(log2N),
    r: Number(r),
    p: Number(p),
  });
  return stored !== null && expected.length === given.length && timingSafeEqual(expected, given);
}

const STORED = /^scrypt\$\d+\$\d+\$\d+\$[\w+/]+=*\$[\w+/]+=*$/;
const UNKNOWN_USER = `scrypt$${LOG2_N}$${BLOCK}$${PARALLEL}$AAAAAAAAAAAAAAAAAAAAAA==$`;
