import { readFileSync } from 'node:fs';
import { z } from 'zod';

// Says how the tests, and the commands named with their exit codes, went in one line, and fails when one of them did or
// when the parts that need Redis or a browser did not run: a skipped test looks like a passed one from afar.
const REPORT = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
const [path = '.ci/result.json', ...commands] = process.argv.slice(2);
const report = REPORT.parse(JSON.parse(readFileSync(path, 'utf8')));
const tests = report.testResults.flatMap((file) => file.assertionResults.map((test) => ({ file: file.name, ...test })));
const ran = (what: RegExp) =>
  tests.some((test) => test.status === 'passed' && what.test(`${test.file} ${test.fullName}`));

const problems: string[] = [];
if (!ran(/queue.*redis/i)) problems.push('no Redis test ran');
if (!ran(/browser|chromium/i)) problems.push('no browser test ran');
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
for (const file of brokenFiles) problems.push(`${file.name} could not be run`);
for (const [what, code] of commands.map((command) => command.split('='))) {
  // A failed test makes npm test fail: it is counted already.
  if (code !== '0' && !(what === 'npm test' && report.numFailedTests + problems.length > 0)) {
    problems.push(`${what} ended with ${code}`);
  }
}
const lines = [
  ...tests.filter((test) => test.status === 'failed').map((test) => `failed: ${test.fullName}`),
  ...problems.map((problem) => `failed: ${problem}`),
  `${report.numPassedTests} passed, ${report.numFailedTests + problems.length} failed, ${report.numPendingTests} skipped`,
];
process.stdout.write(`${lines.join('\n')}\n`);
if (problems.length + report.numFailedTests > 0) process.exit(1);
