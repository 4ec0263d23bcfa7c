import { describe, expect, it } from 'vitest';
import { REPORT_SITUATIONS, reportsOf } from './report-situations.ts';

const written = Object.entries(REPORT_SITUATIONS).map(
  ([name, situation]) => [name, reportsOf(situation).join('\n\n')] as const,
);

describe('the draft of a follow-up report', () => {
  it('reads as it was read and agreed, situation by situation', async () => {
    const page = written.map(([name, text]) => `## ${name}\n\n${text}\n`).join('\n');
    await expect(page).toMatchFileSnapshot('follow-up-texts.golden.txt');
  });
});
