import { Presets, SingleBar } from 'cli-progress';
import { wordPreview } from '../../codes/mapping-wording.ts';
import type { NewSiteMapping } from '../../db/registry/site-mapping.ts';
import { type MappingPreview, previewSiteMappings } from '../../jobs/ingest/mapping-preview.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** What filing the mappings would do, for a person to decide. */
function renderPreview(preview: MappingPreview, mappings: readonly NewSiteMapping[]): string {
  const { read, gives, lists, warnings } = wordPreview(preview, mappings.length);
  return [
    `Dry run: nothing was saved. ${read}`,
    gives,
    ...lists.flatMap(({ title, counts }) => [
      `${title}:`,
      ...counts.map(({ count, what }) => `${String(count).padStart(8)}  ${what}`),
    ]),
    ...warnings,
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
