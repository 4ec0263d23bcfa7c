import { readFileSync } from 'node:fs';

// Preloaded (--import) into a process and its threads, shifts the time of day by the milliseconds that SHIFTED_CLOCK's file
// holds, and follows what is written there later. The monotonic clock (performance.now, timers) stays, as it does when
// somebody sets a host's clock. Times that the file system, PostgreSQL and Redis give are not shifted.
const FILE = process.env['SHIFTED_CLOCK'];
const LOOK_MS = 50;

if (FILE !== undefined) {
  const RealDate = Date;
  const { now } = RealDate;
  let shiftMs = 0;
  const look = () => {
    try {
      shiftMs = Number(readFileSync(FILE, 'utf8'));
    } catch {
      // not written yet: the clock is right
    }
  };
  look();
  setInterval(look, LOOK_MS).unref();
  const shifted = () => now() + shiftMs;
  RealDate.now = shifted;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shifted()] : args, newTarget),
    apply: () => new RealDate(shifted()).toString(),
  });
}
