import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  archiveInteractions,
  archiveSlates,
  createCampaign,
  createDatasetGroup,
  createSolution,
  migrate,
  openPglite,
  type StreamedInteraction,
} from '@attune/database';
import { datasetGroupName, itemId, recommendationId, type Slate, userId } from '@attune/domain';
import { fillSlate } from '@attune/exploration';
import { ExplorationReport } from '@attune/proto';
import { createLogger } from '@attune/service';
import { buildInteraction, buildSlate } from '@attune/testing';
import { readLocalConfig } from '../localConfig';
import { startAttune } from '../startAttune';
import { type EvaluateFlags, evaluateCommand } from './evaluateCommand';
import { DIFFERENT, replayCommand } from './replayCommand';

const GROUP = datasetGroupName('shop');
const arn = (path: string) => `arn:aws:personalize:us-east-1:000000000000:${path}`;
const CAMPAIGN = arn('campaign/<b>shop');
const LISTS = 300;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-slate-log-'));
  const database = await openPglite(join(folder, 'database'));
  await migrate(database);
  await createDatasetGroup(database, { name: GROUP, createdAt: 1 });
  const solution = { arn: arn('solution/shop'), name: 'shop', datasetGroup: GROUP, createdAt: 1, definition: {} };
  await createSolution(database, { ...solution, recipeArn: 'arn:aws:personalize:::recipe/aws-user-personalization' });
  const campaign = { arn: CAMPAIGN, name: '<b>shop', datasetGroup: GROUP, solutionArn: solution.arn, createdAt: 1 };
  await createCampaign(database, campaign);
  const { slates, events } = servedLists();
  await archiveSlates(database, slates);
  await archiveInteractions(database, events);
  await database.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Every second user clicks what was explored. One list was changed in the log. */
function servedLists(): { slates: Slate[]; events: StreamedInteraction[] } {
  const { policy, pool } = buildSlate();
  const relevant = [...'abc'].map((name, rank) => ({ itemId: itemId(name), score: 0.4 / (rank + 1) }));
  const slates = Array.from({ length: LISTS }, (_, list) => {
    const id = recommendationId(`list-${list}`);
    const seeded = { ...policy, seed: id };
    const slots = fillSlate({ ranked: relevant, pool, size: 2, policy: seeded });
    if (list === 1) slots.reverse();
    const user = userId(`user-${list % 100}`);
    const served = { campaignArn: CAMPAIGN, datasetGroup: GROUP, servedAt: Date.now() - 60_000 - list };
    return buildSlate({ ...served, recommendationId: id, userId: user, policy: seeded, relevant, pool, slots });
  });
  const events = slates.flatMap(({ recommendationId: id, slots, userId: user }, list) =>
    slots
      .filter(({ explored }) => explored && list % 2 === 0)
      .map(({ itemId: item }) => ({
        event: { ...buildInteraction({ eventId: `event-${list}` }), itemId: item, recommendationId: id, userId: user! },
        partition: 0,
        offset: list,
      })),
  );
  return { slates, events };
}

const config = (grpcPort = 1) => readLocalConfig({}, { dataDir: folder, port: 0, grpcPort });

async function replay(id: string, server?: string) {
  let text = '';
  const print = (part: string) => {
    text += part;
  };
  const code = await replayCommand(config(), id, { print, ...(server !== undefined && { server }) });
  return { code, text };
}

async function evaluate(flags: Partial<EvaluateFlags>, grpcPort?: number): Promise<string> {
  let text = '';
  await evaluateCommand(config(grpcPort), { campaign: CAMPAIGN, format: 'text', ...flags }, (part) => {
    text += part;
  });
  return text;
}

test('replay tells a list that is as it was served from one that was changed', async () => {
  const same = await replay('list-0');
  expect(same).toMatchObject({ code: 0, text: expect.stringContaining('The same as served, bit for bit.') });
  expect(same.text).toContain('explorationWeight 0.3');
  const changed = await replay('list-1');
  expect(changed).toMatchObject({ code: DIFFERENT, text: expect.stringContaining('Not the same as served') });
  await expect(replay('list-9999')).rejects.toMatchObject({ code: 'ResourceNotFound' });
});

test('a report comes as text, as JSON and as a page that needs nothing else', async () => {
  const text = await evaluate({ weight: [0.1], cutOff: [90] });
  expect(text).toContain(`${LISTS} lists, 100 users`);
  expect(text).toMatch(/explorationWeight 0.1 +IPS/);
  expect(text).toContain('older items had no chance');

  const report = ExplorationReport.fromJSON(JSON.parse(await evaluate({ weight: [0.5], format: 'json' })));
  expect(report.logged!.lists).toBe(LISTS);
  expect(report.policies[0]!.estimators).toHaveLength(7);

  const file = join(folder, 'report.html');
  await expect(evaluate({ weight: [0.1, 0.5], cutOff: [90], format: 'html', output: file })).resolves.toBe('');
  const page = await readFile(file, 'utf8');
  expect(page).toContain('<svg');
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  expect(page).toContain('Exploration of &lt;b&gt;shop');
  expect(page).not.toContain('<b>shop');
});

test('times that are none are refused', async () => {
  await expect(evaluate({ from: 'yesterday' })).rejects.toMatchObject({
    code: 'InvalidInput',
    message: expect.stringContaining('--from is "yesterday"'),
  });
});

test('a server that runs on the data folder answers in its place', async () => {
  const attune = await startAttune({
    config: readLocalConfig({}, { dataDir: folder, port: 0, grpcPort: 0 }),
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  try {
    await expect(evaluate({ weight: [0.1] }, attune.grpc.port)).resolves.toContain(`${LISTS} lists`);
    await expect(replay('list-0', attune.grpc.address)).resolves.toMatchObject({ code: 0 });
    await expect(replay('list-9999', attune.grpc.address)).rejects.toMatchObject({ code: 'ResourceNotFound' });
  } finally {
    await attune.stop();
  }
  await expect(replay('list-0', '127.0.0.1:1')).rejects.toMatchObject({ code: 'Unavailable' });
});
