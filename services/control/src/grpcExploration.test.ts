import { archiveInteractions, archiveSlates, openPglite, type StreamedInteraction } from '@attune/database';
import { itemId, type PoolItem, recommendationId, type Slate, userId } from '@attune/domain';
import { fillSlate } from '@attune/exploration';
import { directoryObjectStore } from '@attune/objectstore';
import {
  type EvaluateExplorationRequest,
  type ExplorationReport,
  ExplorationServiceClient,
  type PolicyReport,
  type ReplaySlateResponse,
} from '@attune/proto';
import { Random } from '@attune/recommender';
import { type GrpcServer, startGrpcServer } from '@attune/service';
import { buildInteraction, buildSlate } from '@attune/testing';
import { credentials, status } from '@grpc/grpc-js';
import { SCOPE } from './controlApi.fixture';
import { grpcExploration } from './grpcExploration';
import { campaignArn, FILMS, startVersionLife, type VersionLife, versionArn } from './versionLife.fixture';

const CAMPAIGN = campaignArn('shop');
const QUIET = campaignArn('quiet');
const SERVED = Date.UTC(2030, 5, 15);
const LISTS = 600;
let life: VersionLife;
let server: GrpcServer;
let client: ExplorationServiceClient;

beforeAll(async () => {
  life = await startVersionLife(() => openPglite());
  await life.clear();
  await life.deploy('shop', undefined, true);
  await life.deploy('quiet', undefined, true);
  const { database } = life;
  const objects = directoryObjectStore('/nowhere');
  const services = [grpcExploration({ database, objects, scope: SCOPE, now: () => SERVED + 1000 })];
  server = await startGrpcServer({ port: 0, logger: life.logger, metrics: life.registry, services });
  client = new ExplorationServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  await serve(CAMPAIGN, 0.3);
  await serve(QUIET, 0);
});
afterAll(async () => {
  client.close();
  await server.stop();
  await life.stop();
});

const relevant = [...'abcd'].map((name, rank) => ({ itemId: itemId(name), score: 0.4 / (rank + 1) }));
const young = (name: string, ageDays: number): PoolItem => ({
  itemId: itemId(name),
  score: 0.01,
  weight: 1,
  ageDays,
  impressions: 0,
  clicks: 0,
});
const pool = [young('x', 2), young('y', 20), young('z', 5)];

/** Every second user clicks whatever is new, the others click the first item at times. */
async function serve(campaign: string, explorationWeight: number): Promise<void> {
  const random = new Random(explorationWeight * 10);
  const slates: Slate[] = [];
  const events: StreamedInteraction[] = [];
  for (let list = 0; list < LISTS; list++) {
    const id = recommendationId(`${campaign.split('/')[1]}-${list}`);
    const policy = { ...buildSlate().policy, explorationWeight, seed: id };
    const pooled = explorationWeight === 0 ? [] : pool;
    const slots = fillSlate({ ranked: relevant, pool: pooled, size: 3, policy });
    const user = userId(`user-${list % 200}`);
    slates.push(
      buildSlate({
        datasetGroup: FILMS,
        recommendationId: id,
        campaignArn: campaign,
        userId: user,
        servedAt: SERVED - list,
        policy,
        relevant: relevant.slice(0, 3),
        pool: pooled,
        poolEligible: pooled.length,
        slots,
      }),
    );
    for (const { itemId: item, explored } of slots) {
      if (random.uniform() > (explored ? 0.5 : 0.1)) continue;
      const event = { ...buildInteraction({ eventId: `${id}-${item}` }), datasetGroup: FILMS, userId: user };
      events.push({ event: { ...event, itemId: item, recommendationId: id }, partition: 0, offset: 0 });
    }
  }
  await archiveSlates(life.database, slates);
  await archiveInteractions(life.database, events);
}

const replay = (id: string) =>
  new Promise<ReplaySlateResponse>((resolve, reject) => {
    client.replaySlate({ recommendationId: id }, (error, response) => (error ? reject(error) : resolve(response)));
  });
const evaluate = (request: Partial<EvaluateExplorationRequest>) =>
  new Promise<ExplorationReport>((resolve, reject) => {
    const whole = {
      campaignArn: CAMPAIGN,
      weights: [],
      cutOffs: [],
      solutionVersionArns: [],
      eventTypes: [],
      ...request,
    };
    client.evaluateExploration({ from: undefined, to: undefined, ...whole }, (error, response) =>
      error ? reject(error) : resolve(response.report!),
    );
  });
const estimateOf = ({ estimators }: PolicyReport, name: string) =>
  estimators.find(({ estimator }) => estimator === name)!.clicksPerList!;

test('a list is filled again as it was served', async () => {
  const { slate, slots, equal } = await replay('shop-7');
  expect(equal).toBe(true);
  expect(slots).toEqual(slate!.slots);
  expect(slate).toMatchObject({ campaignArn: CAMPAIGN, userId: 'user-7' });
});

test('a list that was changed in the log is told', async () => {
  const put = (slots: unknown) =>
    life.database.query(`update slate set slots = $1 where recommendation_id = 'shop-8'`, [JSON.stringify(slots)]);
  const [kept] = await life.database.query<{ slots: [unknown, number, number][] }>(
    `select slots from slate where recommendation_id = 'shop-8'`,
  );
  const [[item, score, propensity], ...others] = kept!.slots as [[unknown, number, number], ...unknown[]];
  await put([[item, score, propensity / 2, 0], ...others]);
  await expect(replay('shop-8')).resolves.toMatchObject({ equal: false });
  await put(kept!.slots);
  await expect(replay('shop-8')).resolves.toMatchObject({ equal: true });
});

test('lists that can not be replayed have clear errors', async () => {
  await expect(replay('RID-unknown')).rejects.toMatchObject({
    code: status.NOT_FOUND,
    details: expect.stringContaining('The slate log has no list RID-unknown: it was not served here'),
  });
  await expect(replay('')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  await archiveSlates(life.database, [
    buildSlate({ recommendationId: recommendationId('old'), policy: { ...buildSlate().policy, version: 'rule-0' } }),
  ]);
  await expect(replay('old')).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('rule "rule-0". This version replays "slot-softmax-1" alone.'),
  });
});

test('the logged policy is told slot by slot, and estimated by every estimator as what it earned', async () => {
  const { logged, policies } = await evaluate({ weights: [0.3] });
  expect(logged).toMatchObject({ lists: LISTS, users: 200, settings: [{ explorationWeight: 0.3, lists: LISTS }] });
  expect(logged!.slots).toHaveLength(3);
  expect(logged!.slots[0]!.exploredShare).toBeCloseTo(0.3, 1);
  expect(logged!.slots[0]!.exploredClickRate!.value).toBeGreaterThan(0.35);
  expect(logged!.slots[0]!.relevantClickRate!.value).toBeLessThan(0.2);
  const value = logged!.clicksPerList!.value;
  expect(value).toBeCloseTo(3 * (0.3 * 0.5 + 0.7 * 0.1), 1);
  expect(policies[0]!.estimators.map(({ estimator }) => estimator)).toEqual([
    'IPS',
    'SNIPS',
    'RIPS',
    'SNRIPS',
    'IIPS',
    'SNIIPS',
    'DR',
  ]);
  for (const { estimator, clicksPerList } of policies[0]!.estimators) {
    // The doubly robust one exchanges the luck of the draws for what its model expects of them.
    if (estimator === 'DR') expect(Math.abs(clicksPerList!.value - value)).toBeLessThan(0.03);
    else expect(clicksPerList!.value).toBeCloseTo(value, 9);
  }
});

test('other weights and cut-offs are estimated with intervals that hold what they earn', async () => {
  const { policies } = await evaluate({ weights: [0, 0.6], cutOffs: [10] });
  const truths = [0.3, 3 * (0.6 * 0.5 + 0.4 * 0.1), 3 * (0.3 * 0.5 + 0.7 * 0.1)];
  policies.forEach((policy, index) => {
    const { lower, upper, bootstrapLower, value } = estimateOf(policy, 'DR');
    expect(Math.abs(value - truths[index]!)).toBeLessThan(0.2);
    expect(upper - lower).toBeLessThan(0.4);
    expect(bootstrapLower).toBeLessThan(value);
  });
});

test('what the log can not tell is refused with the reason', async () => {
  const larger = (await evaluate({ cutOffs: [60] })).policies[0]!;
  expect(larger).toMatchObject({ estimators: [], leftOut: LISTS });
  expect(larger.refusal).toContain('explorationItemAgeCutOff 30: older items had no chance');
  const quiet = await evaluate({ campaignArn: QUIET, weights: [0.1] });
  expect(quiet.policies[0]!.refusal).toContain('nothing was left to chance');
  const empty = await evaluate({ to: new Date(1000), from: new Date(1) });
  expect(empty.notes).toEqual([expect.stringContaining('no list of this campaign')]);
  expect(empty.policies[0]!.refusal).toContain('The log has 0 lists');
});

test.each([
  [{ weights: [1.5] }, 'weights holds 1.5. A weight is from 0 to 1.'],
  [{ cutOffs: [0] }, 'cut_offs holds 0.'],
  [{ from: new Date(2000), to: new Date(1000) }, 'from must lie before to.'],
  [{ weights: Array(21).fill(0.1) as number[] }, '21 policies are asked about. The most is 20.'],
])('a request with %j is refused', async (request, message) => {
  await expect(evaluate(request)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining(message),
  });
});

test('campaigns and versions that are not there are not found, and a version without a model is told', async () => {
  await expect(evaluate({ campaignArn: campaignArn('none') })).rejects.toMatchObject({ code: status.NOT_FOUND });
  await expect(evaluate({ solutionVersionArns: [versionArn('none')] })).rejects.toMatchObject({
    code: status.NOT_FOUND,
  });
});
