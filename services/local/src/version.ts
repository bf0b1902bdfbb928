import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this code, as its package names it. */
export function codeVersion(): string {
  const text = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
