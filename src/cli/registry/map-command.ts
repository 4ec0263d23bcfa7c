import { type Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { listSiteMappings, listUnmapped } from '../../db/registry/site-mapping.ts';
import { addSiteMappings, retireSiteMapping } from '../../jobs/registry/site-mapping.ts';
import { MAPPING_COLUMNS, mappingFields, parseMappingsCsv, readMapping } from '../../jobs/registry/site-mapping-csv.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { LEFT_TO_SWEEP, offerWork } from '../terminal/offer-work.ts';
import {
  idArgument,
  readGivenFile,
  type SignatureOptions,
  signatureOf,
  signed,
  unknownId,
} from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

/** Committed first, enqueued second: what gets lost in between, the sweep finds. */
async function readAgain(runtime: Runtime, fileIds: readonly string[]): Promise<string> {
  const said = `${fileIds.length} file${fileIds.length === 1 ? '' : 's'} will be read again by the running workers.`;
  if (fileIds.length === 0) return said;
  return (await offerWork(runtime, ({ enqueueIngests }) => enqueueIngests(fileIds)))
    ? said
    : `${said} ${LEFT_TO_SWEEP}`;
}

type AddOptions = SignatureOptions & Readonly<Record<string, string>>;

function addAddCommand(map: Command): void {
  const command = signed(map.command('add')).description('say what a code or label means');
  for (const [name, { description, choices, mandatory }] of Object.entries(MAPPING_COLUMNS)) {
    const option = new Option(`--${name.replaceAll('_', '-')} <text>`, description);
    if (choices !== undefined) option.choices(choices);
    command.addOption(mandatory === true ? option.makeOptionMandatory() : option);
  }
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ dxaflow map add --vendor ge-lunar --kind region --code-scheme GELUNAR --code-value 1000-7 \\\n      --scan-type hip --region femoral_neck --laterality left --by m.weber --note "French labels"',
    )
    .action(async (options: AddOptions) => {
      const given = Object.fromEntries(
        Object.keys(MAPPING_COLUMNS).map((name) => [
          name,
          options[name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())] ?? '',
        ]),
      );
      const mapping = readMapping(given);
      const signature = signatureOf({ by: options.by, note: options.note ?? '' });
      const said = await withRuntime(async (runtime) => {
        const { added, filesToRead } = await addSiteMappings(runtime.pool, [mapping], signature);
        return added === 0 ? 'This mapping is in force already.' : await readAgain(runtime, filesToRead);
      });
      console.log(said);
    });
}

export function addMapCommand(program: Command): void {
  const map = program.command('map').description('what codes and labels mean that no adapter knows');
  map
    .command('list')
    .description('list the mappings in force')
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
    .description('list codes and labels that nothing knows, by vendor, model and software version')
    .action(async () => {
      const concepts = await withRuntime(({ pool }) => listUnmapped(pool));
      const rows = concepts.map((one) => [
        String(one.files),
        String(one.times),
        one.vendor,
        one.modelName,
        one.softwareVersions,
        one.kind,
        one.scanType,
        one.codeScheme,
        one.codeValue,
        one.label,
      ]);
      const titles = ['files', 'times', 'vendor', 'model', 'software', 'kind', 'scan', 'scheme', 'code', 'label'];
      console.log(renderTable(titles, rows));
    });
  addAddCommand(map);
  signed(map.command('retire'))
    .description('take a mapping out of force; files that leaned on it are read again')
    .argument('<id>', 'id of the list')
    .action(async (id: string, options: SignatureOptions) => {
      const said = await withRuntime(async (runtime) => {
        const files = await retireSiteMapping(runtime.pool, idArgument('mapping', id), signatureOf(options));
        if (files === null) throw unknownId('mapping');
        return await readAgain(runtime, files);
      });
      console.log(said);
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
  signed(map.command('import'))
    .description('put the mappings of a CSV file on file, all lines or none')
    .argument('<csv>', 'file as map export writes it')
    .action(async (path: string, options: SignatureOptions) => {
      const mappings = parseMappingsCsv(await readGivenFile(path));
      const said = await withRuntime(async (runtime) => {
        const result = await addSiteMappings(runtime.pool, mappings, signatureOf(options));
        return `${result.added} imported, ${result.unchanged} already on file. ${await readAgain(runtime, result.filesToRead)}`;
      });
      console.log(said);
    });
}
