import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { currentRun } from './serverRun';

/**
 * A Jest `describe` for tests that need something of the machine. Where that is lacking they are skipped, with a line that
 * says so once per run; with `ATTUNE_REQUIRE_SERVERS=1` they fail instead.
 * @param lacking what is missing and what to do about it, one sentence each; none where the tests can run
 */
export function describeWhere(name: string, lacking: readonly string[], tests: () => void): void {
  if (lacking.length === 0) {
    describe(name, tests);
  } else if (process.env.ATTUNE_REQUIRE_SERVERS === '1') {
    test(name, () => {
      throw new Error(lacking.join(' '));
    });
  } else {
    for (const sentence of lacking) sayOnce(sentence);
    describe.skip(name, tests);
  }
}

/** Whichever test file of the run comes first. */
function sayOnce(sentence: string): void {
  const mark = `said-${sentence.replaceAll(/\W+/g, '-').slice(0, 60)}`;
  try {
    writeFileSync(join(dirname(currentRun().socket), mark), '', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  process.stderr.write(`Tests skipped. ${sentence}\n`);
}
