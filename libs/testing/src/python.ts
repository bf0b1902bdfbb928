import { execFileSync } from 'node:child_process';

/** The Python of tests that compare with what is written in it. */
export const python = process.env.ATTUNE_PYTHON ?? 'python3';

/** For `describeWhere`: what a test lacks that needs these modules in Python. */
export function lackingInPython(...modules: string[]): string[] {
  try {
    execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
    return [];
  } catch {
    return [`No Python with ${modules.join(' and ')}: set ATTUNE_PYTHON to one that has it.`];
  }
}
