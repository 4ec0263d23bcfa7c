import { type Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { listSiteMappings, type NewSiteMapping } from '../../db/registry/site-mapping.ts';
import { listUnmapped } from '../../db/registry/unknown-concept.ts';
import { addSiteMappings, type Mapped, retireSiteMapping } from '../../jobs/registry/site-mapping.ts';
import {
  CONDITION_COLUMNS,
  MAPPING_COLUMNS,
  mappingFields,
  parseMappingsCsv,
  readMapping,
} from '../../jobs/registry/site-mapping-csv.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { DEFERRED_TO_SWEEP, enqueueOrDefer } from '../terminal/enqueue-work.ts';
import {
  idArgument,
  readInputFile,
  type SignatureOptions,
  signatureOf,
  signed,
  unknownId,
} from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { previewByHand } from './map-preview.ts';

/** Committed first, enqueued second: what gets lost in between, the sweep finds. */
async function readAgain(runtime: Runtime, fileIds: readonly string[]): Promise<string> {
  const said = `${fileIds.length} file${fileIds.length === 1 ? '' : 's'} will be read again by the running workers.`;
  if (fileIds.length === 0) return said;
  return (await enqueueOrDefer(runtime, ({ enqueueIngests }) => enqueueIngests(fileIds)))
    ? said
    : `${said} ${DEFERRED_TO_SWEEP}`;
}

type FilingOptions = Partial<SignatureOptions> & { readonly dryRun?: true };

/** A change that a person can look at first: --by is asked for when it is filed. */
function filing(command: Command): Command {
  return command
    .option('--by <person>', 'who is responsible for the change; recorded in the audit log')
    .option('--note <text>', 'the reason; recorded in the audit log, so never include patient data')
    .option(
      '--dry-run',
      'save nothing; read the affected files and report how many values in how many files would be gained',
    );
}

async function file(
  mappings: readonly NewSiteMapping[],
  { by = '', note = '', dryRun }: FilingOptions,
  words: (mapped: Mapped) => string,
): Promise<string> {
  if (dryRun === true) return await withRuntime((runtime) => previewByHand(runtime, mappings));
  const signature = signatureOf({ by, note });
  return await withRuntime(async (runtime) => {
    const mapped = await addSiteMappings(runtime.pool, mappings, signature);
    return `${words(mapped)} ${await readAgain(runtime, mapped.filesToRead)}`.trim();
  });
}

const given = (options: object, columns: readonly string[]): Record<string, string> => {
  const texts = new Map(Object.entries(options));
  const optionOf = (name: string) => name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  return Object.fromEntries(columns.map((name) => [name, String(texts.get(optionOf(name)) ?? '')]));
};

function withColumns(command: Command, columns: readonly string[]): Command {
  for (const name of columns) {
    const { description = '', choices, mandatory } = MAPPING_COLUMNS[name] ?? {};
    const option = new Option(`--${name.replaceAll('_', '-')} <text>`, description);
    if (choices !== undefined) option.choices(choices);
    command.addOption(mandatory === true ? option.makeOptionMandatory() : option);
  }
  return command;
}

function addFilingCommands(map: Command): void {
  const meaning = Object.keys(MAPPING_COLUMNS).filter((name) => name !== 'ignored');
  withColumns(filing(map.command('add')).description('map a code or label'), meaning)
    .addHelpText(
      'after',
      '\nExample:\n  $ dxaflow map add --vendor ge-lunar --kind region --code-scheme GELUNAR --code-value 1000-7 \\\n      --scan-type hip --region femoral_neck --laterality left --dry-run\n  and again with --by m.weber --note "French labels" in place of --dry-run.',
    )
    .action(async (options: FilingOptions) => {
      const mapping = readMapping(given(options, meaning));
      console.log(
        await file([mapping], options, ({ added }) => (added === 0 ? 'This mapping is already in force.' : '')),
      );
    });
  withColumns(
    filing(map.command('ignore')).description('ignore a code or label: it is no longer reported; no value changes'),
    CONDITION_COLUMNS,
  )
    .addHelpText('after', '\ndxaflow map list shows ignored entries, dxaflow map retire undoes one.')
    .action(async (options: FilingOptions) => {
      const mapping = readMapping({ ...given(options, CONDITION_COLUMNS), ignored: 'yes' });
      console.log(await file([mapping], options, ({ added }) => (added === 0 ? 'This is already ignored.' : '')));
    });
  filing(map.command('import'))
    .description('import mappings from a CSV file, all lines or none')
    .argument('<csv>', 'CSV file as written by map export')
    .action(async (path: string, options: FilingOptions) => {
      const mappings = parseMappingsCsv(await readInputFile(path));
      const words = ({ added, unchanged }: Mapped) => `${added} imported, ${unchanged} already on file.`;
      console.log(await file(mappings, options, words));
    });
}

function addListCommands(map: Command): void {
  map
    .command('list')
    .description('list the mappings in force and the ignored entries')
    .action(async () => {
      const mappings = await withRuntime(({ pool }) => listSiteMappings(pool));
      const rows = mappings.map((mapping) => [
        mapping.mappingId,
        ...Object.values(mappingFields(mapping)),
        mapping.author,
        mapping.note,
      ]);
      console.log(renderTable(['id', ...Object.keys(MAPPING_COLUMNS), 'by', 'note'], rows));
    });
  map
    .command('unmapped')
    .description('list unmapped codes and labels by vendor, model and software version')
    .action(async () => {
      const concepts = await withRuntime(({ pool }) => listUnmapped(pool));
      const rows = concepts.map((one) => [
        String(one.files),
        String(one.times),
        one.vendor,
        one.modelName,
        one.softwareVersions,
        one.quantity === '' ? one.kind : `${one.kind} of ${one.quantity}`,
        one.scanType,
        one.codeScheme,
        one.codeValue,
        one.label,
      ]);
      const titles = ['files', 'times', 'vendor', 'model', 'software', 'kind', 'scan', 'scheme', 'code', 'label'];
      console.log(renderTable(titles, rows));
    });
  map
    .command('export')
    .description('write the mappings in force as CSV to standard output')
    .action(async () => {
      const mappings = await withRuntime(({ pool }) => listSiteMappings(pool));
      process.stdout.write(
        stringify(mappings.map(mappingFields), { header: true, columns: Object.keys(MAPPING_COLUMNS) }),
      );
    });
}

export function addMapCommand(program: Command): void {
  const map = program.command('map').description('mappings for codes and labels that no adapter recognises');
  addListCommands(map);
  addFilingCommands(map);
  signed(map.command('retire'))
    .description('retire a mapping or an ignored entry; files that depended on it are reprocessed')
    .argument('<id>', 'ID as listed')
    .action(async (id: string, options: SignatureOptions) => {
      const said = await withRuntime(async (runtime) => {
        const files = await retireSiteMapping(runtime.pool, idArgument('mapping', id), signatureOf(options));
        if (files === null) throw unknownId('mapping');
        return await readAgain(runtime, files);
      });
      console.log(said);
    });
}
