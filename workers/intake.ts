import { startIntake } from '../src/processes/intake.ts';
import { runProcess } from '../src/runtime/runtime.ts';

// Takes whole files off the drop folder; see src/jobs/intake/intake.ts.
await runProcess('intake', async (runtime) => {
  await startIntake(runtime);
});
