import { Presets, SingleBar } from 'cli-progress';
import type { NewSiteMapping } from '../../db/registry/site-mapping.ts';
import { type MappingPreview, previewSiteMappings } from '../../jobs/ingest/mapping-preview.ts';
import type { Runtime } from '../../runtime/runtime.ts';

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);

const lines = (title: string, counts: ReadonlyMap<string, number>): readonly string[] =>
  counts.size === 0
    ? []
    : [
        title,
        ...[...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `${String(count).padStart(8)}  ${what}`),
      ];

/** What filing the mappings would do, for a person to decide. */
function renderPreview(preview: MappingPreview, mappings: readonly NewSiteMapping[]): string {
  const { files, read, unreadable, gaining, gained, changed, lost, resolved, raised, used } = preview;
  const unused = used.flatMap((count, index) => (count === 0 && mappings.length > 1 ? [index + 1] : []));
  return [
    `Dry run: nothing was saved. ${counted(read, 'file')} of ${files} that may be affected ${read === 1 ? 'was' : 'were'} read.`,
    `It would give ${counted(total(gained), 'value')} in ${counted(gaining, 'file')}.`,
    ...lines('Values that would be added:', gained),
    ...lines('Findings that would be cleared:', resolved),
    ...lines('Findings that would replace them:', raised),
    ...(changed + lost === 0
      ? []
      : [`Values that would change: ${changed}, and be removed: ${lost}. Find out why before you save it.`]),
    ...(unreadable === 0 ? [] : [`The archive did not give back ${counted(unreadable, 'file')}.`]),
    ...(read + unreadable === files ? [] : ['It was stopped early: there may be more.']),
    ...(unused.length === 0 ? [] : [`No file would use mapping ${unused.join(', ')} (in the order of the file).`]),
  ].join('\n');
}

/** Reads what the mappings concern, with a bar on standard error. Ctrl-C ends it and shows what was counted. */
export async function previewByHand(runtime: Runtime, mappings: readonly NewSiteMapping[]): Promise<string> {
  const { pool, config } = runtime;
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  const bar = new SingleBar(
    { format: ' {bar} {value} of {total} files', noTTYOutput: false, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(1, 0);
  try {
    const preview = await previewSiteMappings(
      {
        pool,
        archiveDir: config.archiveDir,
        limits: config.limits,
        stopping: stopping.signal,
        onProgress: (done, files) => {
          bar.setTotal(files);
          bar.update(done);
        },
      },
      mappings,
    );
    return renderPreview(preview, mappings);
  } finally {
    bar.stop();
    process.off('SIGINT', stop);
  }
}
