import { type Command, Option } from 'commander';
import { LIST_NAMES, type ListName } from '../../db/qa-list/definition.ts';
import { readList } from '../../db/qa-list/read-list.ts';
import { deleteView, listViews, saveView } from '../../db/qa-list/saved-view.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { parseFilterTexts, parseListQuery } from '../../jobs/cases/list-query.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

type Given = {
  readonly list: ListName;
  readonly filter: readonly string[];
  readonly sort?: string;
  readonly by: string;
};

async function save(name: string, { list, filter, sort, by }: Given): Promise<void> {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) || by.trim() === '') {
    throw new DxaflowError(
      'VIEW_INVALID',
      'A view needs a name of lower-case letters, digits, "-" and "_", and an author.',
      {
        exitCode: EXIT.usage,
      },
    );
  }
  const query = parseListQuery({ list, filters: parseFilterTexts(filter), sort: sort ?? null, limit: 1, after: null });
  await withRuntime(async ({ pool }) => {
    // Reading it once finds a filter or sort that this list does not have, before anyone relies on the view.
    await readList(pool, query);
    await saveView(pool, { name, list, filters: query.filters, sort: query.sort, author: by.trim() });
  });
  console.log(`Saved. dxaflow qa list --view ${name}`);
}

/** Lists with their filters and order, kept under a name for everyone. */
export function addViewCommands(qa: Command): void {
  qa.command('save-view')
    .description('save a list with its filters and sort order')
    .argument('<name>', 'lower-case letters, digits, "-" and "_"')
    .addOption(new Option('--list <name>', 'which list').choices(LIST_NAMES).default('cases'))
    .option('--filter <name=value>', 'may be repeated', (text, all: string[]) => [...all, text], [])
    .option('--sort <name>', 'sort order')
    .requiredOption('--by <name>', 'author of the view')
    .action(save);
  qa.command('views')
    .description('list the saved views')
    .action(async () => {
      const views = await withRuntime(({ pool }) => listViews(pool));
      const rows = views.map(({ name, list, filters, sort, author }) => [
        name,
        list,
        Object.entries(filters)
          .map(([filter, value]) => `${filter}=${value}`)
          .join(' '),
        sort ?? '',
        author,
      ]);
      console.log(renderTable(['view', 'list', 'filters', 'sort', 'by'], rows));
    });
  qa.command('delete-view')
    .description('delete a saved view')
    .argument('<name>')
    .action(async (name: string) => {
      if (await withRuntime(({ pool }) => deleteView(pool, name))) return console.log('Deleted.');
      throw new DxaflowError('VIEW_UNKNOWN', 'There is no view of this name.', { exitCode: EXIT.usage });
    });
}
