import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

/**
 * JSON lines on standard error: the object first, then a fixed phrase. Only ids belong in the object; `redact` is a
 * second net for the names under which a patient value could slip in.
 */
export function createLog(
  level: Config['logLevel'],
  process: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const names = ['name', 'patientId', 'patientName', 'birthDate', 'accessionNumber', 'rawText', 'rawLabel', 'dropName'];
  return pino(
    {
      level,
      base: { process },
      redact: { paths: names.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[withheld]' },
      serializers: {
        // Messages of foreign errors may quote a row ("Key (patient_id)=(…)"), so only their class and code are logged.
        err: (error: unknown) => describeError(error),
      },
    },
    destination,
  );
}

/** Class, code and stack positions of an error; the message only of our own errors, which hold no patient value. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { type: typeof error };
  // A stack begins with the message, whose own lines may look like anything: only what ends in a position is a frame.
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return {
    type: error.name,
    code: 'code' in error ? error.code : undefined,
    ...(error.name === 'DxaflowError' ? { message: error.message } : {}),
    at: frames.slice(0, 8).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
