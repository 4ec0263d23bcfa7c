import { runCli } from './cli/program.ts';
import { endWithParent } from './end-with-parent.ts';

endWithParent(process.env);
await runCli(process.argv);
