import { ALL_CODES } from './codes.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The page docs/codes.md: every code with what it means and what to do. */
export function renderCodes(): string {
  const parts = Object.entries(ALL_CODES).map(([part, table]) => {
    const rows = Object.entries(table)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, entry]) => `| \`${code}\` | ${entry.permanence} | ${cell(entry.text)} | ${cell(entry.remedy)} |`);
    return `## ${part}\n\n| code | kind | what it says | what to do |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Codes

Every reason and finding that dxaflow gives, on pages, in lists, logs and exit messages. A *permanent* outcome stays until
the file, an adapter, a mapping or a limit changes; a *transient* one passes when its cause does. No text holds a patient value.
This page is written by \`npm run docs:codes\` from the tables in the code.

${parts.join('\n')}`;
}
