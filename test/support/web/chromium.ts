import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** A Chromium to drive; null where there is none, which is an error in CI. */
export function findChromium(): string | null {
  const given = process.env['CHROMIUM_PATH'];
  const found = [...(given === undefined ? [] : [given]), ...PLACES].find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.env['CI']) throw new Error('CI has no Chromium: install the package chromium or set CHROMIUM_PATH');
  return null;
}
