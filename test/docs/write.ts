import { writePage } from './page.ts';
import { ruleTables } from './rule-tables.ts';
import { vendorTables } from './vendor-tables.ts';

// Rewrites the tables of the pages that are kept equal to the code: all, or those that are named.
const PAGES = { 'clinical-rules': ruleTables, vendors: vendorTables };

const wanted = process.argv.slice(2);
for (const [name, tables] of Object.entries(PAGES)) {
  if (wanted.length === 0 || wanted.includes(name)) writePage(`${name}.md`, tables());
}
