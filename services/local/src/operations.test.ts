import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConfig } from '@attune/service';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';
import { DECLARATIONS } from './localConfig';
import { SERVICE_NAMES } from './services';

const ROOT = join(__dirname, '..', '..', '..');

const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

/** The settings in Markdown. */
function settingsTable(): string {
  const rows = describeConfig(DECLARATIONS).map(
    ({ name, description, default: value }) =>
      `| \`${name}\` | ${description} | ${value === undefined ? '' : `\`${value.replaceAll('"', '')}\``} |`,
  );
  return ['| setting | what it is | default |', '| --- | --- | --- |', ...rows].join('\n');
}

/**
 * Where a file breaks the schema of the Compose Specification, which dclint brings with it. Its opinions on style do not
 * count: most are against YAML's merge keys and against an order that tells the reader something.
 */
function schemaProblems(file: string): string[] {
  const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
  // Its declarations lead TypeScript to nothing here.
  const results: { messages: { rule: string; message: string }[] }[] = linter.lintFiles([file], false);
  return results
    .flatMap(({ messages }) => messages)
    .filter(({ rule }) => ['invalid-yaml', 'invalid-schema', 'unknown-error'].includes(rule))
    .map(({ rule, message }) => `${rule}: ${message}`);
}

test('the operations guide has the settings as they are declared', () => {
  expect(read('docs', 'operations.md')).toContain(settingsTable());
});

describe('docker-compose.yml', () => {
  interface Service {
    image: string;
    command: string[];
    environment: Record<string, unknown>;
    depends_on: Record<string, { condition: string }>;
    healthcheck?: object;
  }
  const text = read('docker-compose.yml');
  const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
  const attune = Object.entries(services).filter(([, { image }]) => image.startsWith('attune'));

  test('is valid by the published schema of Compose files', () => {
    expect(schemaProblems(join(ROOT, 'docker-compose.yml'))).toEqual([]);
  });

  test.each([
    ['a misspelt key', 'healthcheck:', 'healthchek:'],
    ['a condition that Compose does not know', 'service_healthy', 'service_well'],
    ['a value of another type', 'command: [serve, ingest]', 'command: 7'],
    ['broken YAML', 'services:', 'services: {'],
  ])('would not be valid with %s', (_, right, wrong) => {
    const folder = mkdtempSync(join(tmpdir(), 'attune-compose-'));
    try {
      const file = join(folder, 'docker-compose.yml');
      writeFileSync(file, text.replace(right, wrong));
      expect(schemaProblems(file)).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('has every service, each as a process of its own', () => {
    const served = attune.flatMap(([name, { command }]) => (command[0] === 'serve' ? [[name, command[1]]] : []));
    expect(served.sort()).toEqual([...SERVICE_NAMES, 'front'].map((name) => [name, name]).sort());
  });

  test('sets only what is declared', () => {
    const declared = new Set(Object.values(DECLARATIONS).map(({ name }) => name));
    for (const [, { environment }] of attune) {
      const unknown = Object.keys(environment).filter((name) => !declared.has(name.replace(/_FILE$/, '')));
      expect(unknown).toEqual([]);
    }
  });

  test('starts a service when its servers are healthy, its topics are there and its schema is', () => {
    for (const [, { command, depends_on: needs }] of attune) {
      if (command[0] !== 'serve' || command[1] === 'front') continue;
      expect(needs).toEqual({
        kafka: { condition: 'service_healthy' },
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
        topics: { condition: 'service_completed_successfully' },
        migrate: { condition: 'service_completed_successfully' },
      });
    }
    for (const name of ['kafka', 'postgres', 'redis']) expect(services[name]!.healthcheck).toBeDefined();
  });

  test('asks for no variable that .env.example does not explain', () => {
    const explained = new Set([...read('.env.example').matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name));
    const asked = [...text.matchAll(/\$\{([A-Z0-9_]+)/g), ...text.matchAll(/^ {4}environment: ([A-Z0-9_]+)$/gm)];
    expect(asked.map(([, name]) => name).filter((name) => !explained.has(name))).toEqual([]);
    expect([...explained].filter((name) => !asked.some(([, each]) => each === name))).toEqual([]);
  });
});
