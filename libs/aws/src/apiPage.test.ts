import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlOperations } from './controlOperations';
import { eventsOperations } from './personalizeEvents';
import { runtimeOperations } from './personalizeRuntime';

const page = readFileSync(join(__dirname, '../../../docs/api.md'), 'utf8');

/** The rows of the page's table of a service: operation and whether it is supported. */
function rowsOf(service: string): string[][] {
  const section = page.split(`\n### ${service}\n`)[1]!.split('\n#')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) => row.split('|').map((cell) => cell.trim()));
}

test.each<[string, object]>([
  ['personalize', controlOperations],
  ['personalize-events', eventsOperations],
  ['personalize-runtime', runtimeOperations],
])('docs/api.md has every operation of %s, once, and says whether it is supported', (service, operations) => {
  const rows = rowsOf(service);
  expect(rows.map(([, operation]) => operation).sort()).toEqual(Object.keys(operations).sort());
  for (const [, , supported] of rows) expect(['yes', 'later', 'outside']).toContain(supported);
});
