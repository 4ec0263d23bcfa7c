import { join } from 'node:path';
import { problemsOf } from './check.ts';
import { readSources } from './import-graph.ts';

const sources = readSources(join(import.meta.dirname, '../..'), ['src', 'workers', 'test', 'bench']);
const problems = problemsOf(sources);
for (const problem of problems) console.error(problem);
console.log(`structure: ${sources.length} modules, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
