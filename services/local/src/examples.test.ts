import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describeWhere, findProgram, lackingInPython, python } from '@attune/testing';
import { type AttuneProcess, startAttuneProcess } from './testing/attuneProcess';

const EXAMPLES = join(__dirname, '..', '..', '..', 'examples');

const keys = { accessKeyId: 'AKIAEXAMPLE0000000', secretAccessKey: 'a secret that only the tests know' };

/** pip puts it beside Python. */
const awsCli = findProgram('aws', [dirname(python)]);
const lackingAwsCli = awsCli ? [] : ['There is no aws beside ATTUNE_PYTHON or on the PATH: pip install awscli.'];

/** Each example imports, trains twice and calls a dozen operations; the AWS CLI takes half a second for each. */
const EXAMPLE_TIMEOUT_MS = 180_000;

let dataDir: string;
let attune: AttuneProcess;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'attune-examples-'));
  attune = await startAttuneProcess(dataDir, {
    ATTUNE_ACCESS_KEY_ID: keys.accessKeyId,
    ATTUNE_SECRET_ACCESS_KEY: keys.secretAccessKey,
    ATTUNE_TRAINING_TIME_BUDGET: '5',
  });
}, 120_000);

afterAll(async () => {
  await attune?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Runs a program as a user would, with the settings of AWS's tools and of nobody else. @returns what it printed */
async function run(program: string, args: readonly string[], secretAccessKey = keys.secretAccessKey): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: {
      PATH: [dirname(process.execPath), ...(awsCli ? [dirname(awsCli)] : []), process.env.PATH].join(delimiter),
      HOME: dataDir,
      AWS_ENDPOINT_URL: attune.httpUrl,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      ATTUNE_DATA_DIR: dataDir,
    },
  });
  return stdout;
}

/** What every example prints of its lists of five: a newcomer's before and after an event, and the updated model's. */
function listsIn(printed: string): string[][] {
  return [...printed.matchAll(/^(?:for [^:]*: )?((?:episode-\d+(?:, |$)){5})/gm)].map(([, list]) => list!.split(', '));
}

/** Four times out of five, users of the examples watch the next of 40 episodes. */
function expectToFollowTheEvent(printed: string): void {
  const [before, after, updated] = listsIn(printed);
  const watched = /watches (episode-\d+)/.exec(printed)?.[1];
  expect(watched).toBe(before?.[0]);
  const next = `episode-${(Number(watched!.split('-')[1]) + 1) % 40}`;
  expect(after).toContain(next);
  expect(updated).toContain(next);
}

describe('The examples run as they stand, with access keys', () => {
  describeWhere('boto3', lackingInPython('boto3'), () => {
    const recipe = (...args: string[]) => [
      join(EXAMPLES, 'boto3', 'recipe.py'),
      '--objects',
      join(dataDir, 'objects'),
      ...args,
    ];

    test(
      'the recipe, from a dataset group to an updated campaign, and its end',
      async () => {
        const printed = await run(python, recipe());
        expectToFollowTheEvent(printed);
        expect(printed).toMatch(/mean_reciprocal_rank_at_25 0\.[4-9]/);
        expect(await run(python, recipe('--clean-up'))).toMatch(/deleted .*:campaign\/example\n/);
        expect(await run(python, recipe('--clean-up'))).toBe('');
      },
      EXAMPLE_TIMEOUT_MS,
    );

    test('a wrong secret is refused', async () => {
      await expect(run(python, recipe('--clean-up'), 'another secret altogether')).rejects.toThrow(
        'InvalidSignatureException',
      );
    });
  });

  test(
    'the AWS SDK for JavaScript',
    async () => {
      const script = join(EXAMPLES, 'aws-sdk-js', 'recipe.mjs');
      expectToFollowTheEvent(await run(process.execPath, [script, attune.httpUrl, join(dataDir, 'objects')]));
    },
    EXAMPLE_TIMEOUT_MS,
  );

  describeWhere('the AWS CLI', lackingAwsCli, () => {
    test(
      'its transcript',
      async () => {
        const transcript = await readFile(join(EXAMPLES, 'aws-cli', 'transcript.md'), 'utf8');
        const commands = [...transcript.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join('');
        expectToFollowTheEvent(await run('bash', ['-euo', 'pipefail', '-c', commands]));
      },
      EXAMPLE_TIMEOUT_MS,
    );
  });
});
