import { execFile } from 'node:child_process';
import { devNull, homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, python } from '@attune/testing';

export const EXAMPLES = join(__dirname, '..', '..', '..', '..', 'examples');

/** pip puts it beside Python. */
const awsCli = findProgram('aws', [dirname(python)]);
export const lackingAwsCli = awsCli ? [] : ['There is no aws on the PATH or beside ATTUNE_PYTHON: pip install awscli.'];

/** Each example imports, trains twice and calls a dozen operations; the AWS CLI takes half a second for each. */
export const EXAMPLE_TIMEOUT_MS = 180_000;

/** Where an example runs, and who it is there. */
export interface ExampleSite {
  endpoint: string;
  dataDir: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Runs a program as a user would, with the settings of AWS's tools and of nobody else. @returns what it printed */
export async function runExample(program: string, args: readonly string[], site: ExampleSite): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: {
      PATH: [dirname(process.execPath), ...(awsCli ? [dirname(awsCli)] : []), process.env.PATH].join(delimiter),
      HOME: homedir(),
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_ENDPOINT_URL: site.endpoint,
      AWS_ACCESS_KEY_ID: site.accessKeyId,
      AWS_SECRET_ACCESS_KEY: site.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      ATTUNE_DATA_DIR: site.dataDir,
    },
  });
  return stdout;
}

/** Runs examples/boto3/recipe.py. */
export function runRecipe(site: ExampleSite, ...args: string[]): Promise<string> {
  const objects = join(site.dataDir, 'objects');
  return runExample(python, [join(EXAMPLES, 'boto3', 'recipe.py'), '--objects', objects, ...args], site);
}

/**
 * Checks what an example printed of its lists of five: a newcomer's before and after an event, and the updated model's.
 * Four times out of five, users of the examples watch the next of 40 episodes.
 */
export function expectToFollowTheEvent(printed: string): void {
  const lines = printed.matchAll(/^(?:for [^:]*: )?((?:episode-\d+(?:, |$)){5})/gm);
  const [before, after, updated] = [...lines].map(([, list]) => list!.split(', '));
  const watched = /watches (episode-\d+)/.exec(printed)?.[1];
  expect(watched).toBe(before?.[0]);
  const next = `episode-${(Number(watched!.split('-')[1]) + 1) % 40}`;
  expect(after).toContain(next);
  expect(updated).toContain(next);
}
