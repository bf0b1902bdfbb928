/**
 * Personalization from nothing to recommendations that follow every click, with the AWS SDK for JavaScript as it comes
 * from npm.
 *
 *     npx attune up          # in another terminal, in the same folder
 *     npm install @aws-sdk/client-personalize @aws-sdk/client-personalize-events @aws-sdk/client-personalize-runtime
 *     node recipe.mjs http://127.0.0.1:8080
 *
 * The first argument, or else AWS_ENDPOINT_URL, says where the server is; the second names the server's folder of objects.
 * Credentials come from where AWS's tools look for them; a server without access keys takes any, for example
 * AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Personalize } from '@aws-sdk/client-personalize';
import { PersonalizeEvents } from '@aws-sdk/client-personalize-events';
import { PersonalizeRuntime } from '@aws-sdk/client-personalize-runtime';

const { AWS_ENDPOINT_URL = 'http://127.0.0.1:8080', AWS_REGION = 'us-east-1' } = process.env;
const [endpoint = AWS_ENDPOINT_URL, objects = '.attune/objects'] = process.argv.slice(2);
const client = { endpoint, region: AWS_REGION };
const personalize = new Personalize(client);
const events = new PersonalizeEvents(client);
const runtime = new PersonalizeRuntime(client);
const name = 'example-js';

// Schemas say which columns there are; datasets hold the rows; a dataset group holds the datasets.
const { datasetGroupArn } = await personalize.createDatasetGroup({ name });
await ready('dataset group', async () => (await personalize.describeDatasetGroup({ datasetGroupArn })).datasetGroup);
const watched = await importDataset('Interactions', interactionFields(), interactions());
const episodes = await importDataset('Items', itemFields(), items());

// A solution says how to train; a solution version is one training, and its model.
const { solutionArn } = await personalize.createSolution({
  name,
  datasetGroupArn,
  recipeArn: 'arn:aws:personalize:::recipe/aws-user-personalization',
  performAutoTraining: false,
});
const solutionVersionArn = await train('FULL');
const { metrics } = await personalize.getSolutionMetrics({ solutionVersionArn });
console.log(
  '   ',
  Object.entries(metrics)
    .map(([metric, value]) => `${metric} ${value.toFixed(3)}`)
    .join(', '),
);

// A campaign serves a version. How much of a list may go to new items is a setting of the campaign.
const { campaignArn } = await personalize.createCampaign({
  name,
  solutionVersionArn,
  campaignConfig: { itemExplorationConfig: { explorationWeight: '0.3', explorationItemAgeCutOff: '30' } },
});
await ready('campaign', async () => (await personalize.describeCampaign({ campaignArn })).campaign);
const before = await recommend('a new user');

// An event says what the user did, which list was on the screen (recommendationId), and what of it (impression).
const { eventTrackerArn, trackingId } = await personalize.createEventTracker({ name, datasetGroupArn });
await ready('event tracker', async () => (await personalize.describeEventTracker({ eventTrackerArn })).eventTracker);
const shown = before.itemList.map(({ itemId }) => itemId);
await events.putEvents({
  trackingId,
  userId: 'newcomer',
  sessionId: randomUUID(),
  eventList: [
    {
      eventType: 'watch',
      itemId: shown[0],
      sentAt: new Date(),
      recommendationId: before.recommendationId,
      impression: shown,
    },
  ],
});
console.log(`the new user watches ${shown[0]}`);
await pause(500);
await recommend('the same user');

// An update learns what is new since the last training. Campaigns move to such versions by themselves every two hours;
// here, by hand.
await personalize.updateCampaign({ campaignArn, solutionVersionArn: await train('UPDATE') });
await ready(
  'campaign update',
  async () => (await personalize.describeCampaign({ campaignArn })).campaign.latestCampaignUpdate,
);
await recommend('the updated model');

// What is in use is not deleted, and the refusal names its users; so the order matters.
await personalize.deleteCampaign({ campaignArn });
await personalize.deleteSolution({ solutionArn });
await personalize.deleteEventTracker({ eventTrackerArn });
for (const { datasetArn } of [watched, episodes]) await personalize.deleteDataset({ datasetArn });
await personalize.deleteDatasetGroup({ datasetGroupArn });
for (const { schemaArn } of [watched, episodes]) await personalize.deleteSchema({ schemaArn });
console.log('deleted all of it');

async function importDataset(datasetType, fields, csv) {
  const part = `${name}-${datasetType.toLowerCase()}`;
  const schema = { type: 'record', name: datasetType, namespace: 'com.example', version: '1.0', fields };
  const { schemaArn } = await personalize.createSchema({ name: part, schema: JSON.stringify(schema) });
  const { datasetArn } = await personalize.createDataset({ name: part, datasetGroupArn, datasetType, schemaArn });
  await ready(`${datasetType} dataset`, async () => (await personalize.describeDataset({ datasetArn })).dataset);
  const { datasetImportJobArn } = await personalize.createDatasetImportJob({
    jobName: `${part}-${Date.now()}`,
    datasetArn,
    dataSource: { dataLocation: await putObject(`${part}.csv`, csv) },
    roleArn: 'arn:aws:iam::000000000000:role/personalize',
  });
  await ready(
    `import of ${datasetType}`,
    async () => (await personalize.describeDatasetImportJob({ datasetImportJobArn })).datasetImportJob,
  );
  return { datasetArn, schemaArn };
}

/** The embedded object store is a folder: BUCKET/KEY in it is s3://BUCKET/KEY. With S3: upload it there. */
async function putObject(key, content) {
  await mkdir(join(objects, 'examples'), { recursive: true });
  await writeFile(join(objects, 'examples', key), content);
  return `s3://examples/${key}`;
}

async function train(trainingMode) {
  const { solutionVersionArn } = await personalize.createSolutionVersion({ solutionArn, trainingMode });
  const describe = async () => (await personalize.describeSolutionVersion({ solutionVersionArn })).solutionVersion;
  await ready(`training (${trainingMode})`, describe);
  return solutionVersionArn;
}

async function recommend(whom) {
  const answer = await runtime.getRecommendations({ campaignArn, userId: 'newcomer', numResults: 5 });
  console.log(`for ${whom}: ${answer.itemList.map(({ itemId }) => itemId).join(', ')}`);
  return answer;
}

/** Asks until a resource is ready, and says what becomes of it. */
async function ready(what, describe) {
  for (let last; last !== 'ACTIVE'; ) {
    if (last !== undefined) await pause(500);
    const { status, failureReason } = await describe();
    if (status !== last) console.log(`${what}: ${status}`);
    if (status.includes('FAILED')) throw new Error(`${what} failed: ${failureReason}`);
    last = status;
  }
}

function interactionFields() {
  return [
    { name: 'USER_ID', type: 'string' },
    { name: 'ITEM_ID', type: 'string' },
    { name: 'TIMESTAMP', type: 'long' },
    { name: 'EVENT_TYPE', type: 'string' },
  ];
}

/** 60 users who mostly watch the next of 40 episodes, and sometimes another one. */
function interactions() {
  const start = Math.floor(Date.now() / 1000) - 86_400;
  const rows = ['USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE'];
  // The minimal standard generator of Park and Miller, so that every run has the same data.
  let state = 7;
  const chance = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let user = 0; user < 60; user++) {
    let episode = Math.floor(chance() * 40);
    for (let watched = 0; watched < 30; watched++) {
      rows.push(`user-${user},episode-${episode},${start + user * 60 + watched * 1800},watch`);
      episode = chance() < 0.8 ? (episode + 1) % 40 : Math.floor(chance() * 40);
    }
  }
  return `${rows.join('\n')}\n`;
}

function itemFields() {
  return [
    { name: 'ITEM_ID', type: 'string' },
    { name: 'GENRE', type: ['null', 'string'], categorical: true },
    { name: 'CREATION_TIMESTAMP', type: 'long' },
  ];
}

/** The last ten episodes are new. */
function items() {
  const now = Math.floor(Date.now() / 1000);
  const genres = ['drama', 'comedy', 'crime', 'nature'];
  const rows = Array.from({ length: 40 }, (_, n) => {
    return `episode-${n},${genres[Math.floor(n / 10)]},${now - (n < 30 ? 100 : 5) * 86_400}`;
  });
  return `${['ITEM_ID,GENRE,CREATION_TIMESTAMP', ...rows].join('\n')}\n`;
}
