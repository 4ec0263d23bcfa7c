import { writePage } from './page.ts';
import { ruleTables } from './rule-tables.ts';

// Rewrites the tables of the pages that are kept equal to the code.
writePage('clinical-rules.md', ruleTables());
