import { AttuneError } from '@attune/domain';
import { createProgram } from './commandLine';

/** The `attune` command. Bin scripts and `npm run demo` start here. */
createProgram()
  .parseAsync(process.argv)
  .catch((error: unknown) => {
    // What was foreseen has a message for its reader; anything else is a defect, and its stack helps to mend it.
    const text = error instanceof AttuneError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`attune: ${text}\n`);
    process.exit(1);
  });
