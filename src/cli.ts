import { runCli } from './cli/program.ts';
import { printableLines } from './dicom/text/printable.ts';
import { endWithParent } from './runtime/end-with-parent.ts';

// Names, labels and notes come from files and from people: whatever a command prints, they must not steer the terminal.
for (const name of ['log', 'error'] as const) {
  const print = console[name].bind(console);
  console[name] = (...given: unknown[]) =>
    print(...given.map((one) => (typeof one === 'string' ? printableLines(one) : one)));
}

/** As a shell reports a program that SIGPIPE ended. */
const READER_HAS_GONE = 141;
// A reader that has seen enough, such as head, closes the pipe: the command ends without a word, as others do.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(READER_HAS_GONE);
  });
}

endWithParent(process.env);
await runCli(process.argv);
