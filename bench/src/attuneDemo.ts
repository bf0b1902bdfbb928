import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The `attune` command. */
export const ATTUNE = join(__dirname, '..', '..', 'services', 'local', 'dist', 'main.js');

/** Imports the interactions and trains on them. Figures go to standard output, so what it warns of goes to standard error. */
export function spawnDemo(
  interactions: string,
  flags: readonly string[],
  settings: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [ATTUNE, 'demo', '--interactions', interactions, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings, NO_COLOR: '1' },
  });
}

/** The word that the demo printed beside a label, for example its `CAMPAIGN`. */
export function printedWord(output: string, label: string): string {
  const word = new RegExp(`^  ${label} +(\\S+)`, 'm').exec(output)?.[1];
  if (word === undefined) throw new Error(`The demo printed no ${label}:\n${output}`);
  return word;
}
