import { runCli } from './cli/program.ts';
import { printableLines } from './dicom/text/printable.ts';
import { endWithParent } from './runtime/end-with-parent.ts';

// Names, labels and notes come from files and from people: whatever a command prints, they must not steer the terminal.
for (const name of ['log', 'error'] as const) {
  const print = console[name].bind(console);
  console[name] = (...given: unknown[]) =>
    print(...given.map((one) => (typeof one === 'string' ? printableLines(one) : one)));
}

endWithParent(process.env);
await runCli(process.argv);
