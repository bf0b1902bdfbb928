import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWhere, lackingInPython } from '@attune/testing';
import { type AttuneProcess, startAttuneProcess } from './testing/attuneProcess';
import {
  EXAMPLE_TIMEOUT_MS,
  EXAMPLES,
  type ExampleSite,
  expectToFollowTheEvent,
  lackingAwsCli,
  runExample,
  runRecipe,
} from './testing/runExample';

const key = { accessKeyId: 'AKIAEXAMPLE0000000', secretAccessKey: 'a secret that only the tests know' };

let dataDir: string;
let attune: AttuneProcess;
let site: ExampleSite;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'attune-examples-'));
  attune = await startAttuneProcess(dataDir, {
    ATTUNE_ACCESS_KEY_ID: key.accessKeyId,
    ATTUNE_SECRET_ACCESS_KEY: key.secretAccessKey,
    ATTUNE_TRAINING_TIME_BUDGET: '5',
  });
  site = { endpoint: attune.httpUrl, dataDir, ...key };
}, 120_000);

afterAll(async () => {
  await attune?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('The examples run as they stand, with an access key', () => {
  describeWhere('boto3', lackingInPython('boto3'), () => {
    test(
      'the recipe, from a dataset group to an updated campaign, and its end',
      async () => {
        const printed = await runRecipe(site);
        expectToFollowTheEvent(printed);
        expect(printed).toMatch(/mean_reciprocal_rank_at_25 (0\.[4-9]|1\.0)/);
        expect(await runRecipe(site, '--clean-up')).toMatch(/deleted .*:campaign\/example\n/);
        expect(await runRecipe(site, '--clean-up')).toBe('');
      },
      EXAMPLE_TIMEOUT_MS,
    );

    test('a wrong secret is refused', async () => {
      const impostor = { ...site, secretAccessKey: 'another secret altogether' };
      await expect(runRecipe(impostor, '--clean-up')).rejects.toThrow('InvalidSignatureException');
    });
  });

  test(
    'the AWS SDK for JavaScript',
    async () => {
      const script = [join(EXAMPLES, 'aws-sdk-js', 'recipe.mjs'), site.endpoint, join(dataDir, 'objects')];
      const printed = await runExample(process.execPath, script, site);
      expectToFollowTheEvent(printed);
      expect(printed).toMatch(/deleted all of it\n$/);
    },
    EXAMPLE_TIMEOUT_MS,
  );

  describeWhere('the AWS CLI', lackingAwsCli, () => {
    test(
      'its transcript',
      async () => {
        const transcript = await readFile(join(EXAMPLES, 'aws-cli', 'transcript.md'), 'utf8');
        const commands = [...transcript.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join('');
        expectToFollowTheEvent(await runExample('bash', ['-euo', 'pipefail', '-c', commands], site));
      },
      EXAMPLE_TIMEOUT_MS,
    );
  });
});
