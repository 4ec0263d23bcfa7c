import { Presets, SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { JudgementPreview, PreviewContext } from '../../jobs/preview/judgement-preview.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { SignatureOptions } from '../terminal/signature.ts';

export type PreviewedOptions = Partial<SignatureOptions> & { readonly dryRun?: true };

/** A change that is shown before it is made: --by is asked for when it is. */
export function previewed(command: Command): Command {
  return command
    .option('--by <person>', 'who is responsible for the change; recorded in the audit log')
    .option('--note <text>', 'the reason; recorded in the audit log, so never include patient data')
    .option('--dry-run', 'save nothing; show which verdicts would change and which cases would be opened or withdrawn');
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const lines = (title: string, counts: ReadonlyMap<string, number>): readonly string[] =>
  counts.size === 0
    ? []
    : [
        title,
        ...[...counts]
          .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
          .map(([what, count]) => `${String(count).padStart(8)}  ${what}`),
      ];

function extent({ concerned, judged }: JudgementPreview): string {
  if (concerned === 0) return 'No stored patient depends on it.';
  if (judged === concerned)
    return `It can concern ${counted(concerned, 'patient')}; all were assessed for this preview.`;
  return `It can concern ${counted(concerned, 'patient')}; ${judged} of them, taken evenly, were assessed for this preview: the counts are those of the sample.`;
}

/** What a change would do, for a person to decide. */
export function renderJudgementPreview(preview: JudgementPreview): string {
  const { concerned, judged, patients, verdicts, otherLsc, opened, reopened, withdrawn, renamed } = preview;
  if (concerned === 0) return extent(preview);
  const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [
    extent(preview),
    ...(judged === 0
      ? []
      : [
          `${counted(total(verdicts), 'verdict')} of ${counted(patients, 'patient')} would change, ${otherLsc} stay with another LSC; ${counted(total(opened), 'case')} would be opened, ${total(reopened)} reopened, ${total(withdrawn)} withdrawn, ${total(renamed)} named by another rule.`,
        ]),
    ...lines('Verdicts that would change:', verdicts),
    ...lines('Cases that would be opened:', opened),
    ...lines('Cases that would be reopened:', reopened),
    ...lines('Cases that would be withdrawn:', withdrawn),
    ...lines('Cases that another rule would name:', renamed),
  ].join('\n');
}

/** Runs a preview with a bar on standard error. Ctrl-C ends it and shows what was counted. */
export async function previewByHand<T>(
  { pool }: Runtime,
  preview: (context: PreviewContext) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  const bar = new SingleBar(
    { format: ' {bar} {value} of {total} patients', noTTYOutput: false, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(1, 0);
  try {
    return await preview({
      pool,
      stopping: stopping.signal,
      onProgress: (done, patients) => {
        bar.setTotal(patients);
        bar.update(done);
      },
    });
  } finally {
    bar.stop();
    process.off('SIGINT', stop);
  }
}
