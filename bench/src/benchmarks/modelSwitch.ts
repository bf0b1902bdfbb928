import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedServer, startEmbeddedServer } from '../embeddedServer';
import { printFigure, quantile } from '../figure';
import { connect, type GrpcClients, listRequest } from '../grpcClients';

export const description = 'an update of the model and the switch to it, under 200 requests a second';

const REQUESTS_PER_SECOND = 200;
/** How long requests are measured before the update begins, and on each side of the switch. */
const BEFORE_MS = 15_000;
const SETTLE_MS = 3_000;
const AROUND_SWITCH_MS = 5_000;
const GIVE_UP_MS = 600_000;
/** Users who click once each between training and update, so that there is something to learn. */
const NEW_EVENTS = 300;

interface Answer {
  sentAt: number;
  latency: number;
  /** Absent where the request failed. */
  version?: string;
}

/** Updates the model while users ask for lists at a steady rate, however long the answers take. */
export async function run(): Promise<void> {
  const server = await startEmbeddedServer();
  const clients = connect(server);
  const answers: Answer[] = [];
  // The first list of each user costs a reading of the history. What is measured is the users who come back.
  for (const userId of server.data.userIds) await clients.recommendations(requestOf(server, userId));
  const load = startLoad(server, clients, answers);
  try {
    await pause(SETTLE_MS);
    const measuredFrom = performance.now();
    await pause(BEFORE_MS);
    const measuredTo = performance.now();
    await click(server, clients);
    const updateAt = performance.now();
    const before = answers.at(-1)?.version;
    await createUpdate(server);
    const switchedAt = await switchTime(answers, before);
    await pause(AROUND_SWITCH_MS);
    await load.stop();
    report(server, answers, { measuredFrom, measuredTo, updateAt, switchedAt });
  } finally {
    await load.stop();
    clients.close();
    await server.stop();
  }
}

const requestOf = (server: EmbeddedServer, userId: string) => listRequest(server, userId, 25);

function startLoad(server: EmbeddedServer, { recommendations }: GrpcClients, answers: Answer[]) {
  const { userIds } = server.data;
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  const ask = async () => {
    const userId = userIds[sent++ % userIds.length] as string;
    const sentAt = performance.now();
    const answer = await recommendations(requestOf(server, userId)).catch(() => {});
    const latency = performance.now() - sentAt;
    answers.push({ sentAt, latency, ...(answer && { version: answer.solutionVersionArn }) });
  };
  // A tick sends what is due, so that a slow moment of this process is caught up with.
  const timer = setInterval(() => {
    while (sent < ((performance.now() - startedAt) / 1000) * REQUESTS_PER_SECOND) {
      const asking = ask();
      underWay.add(asking);
      void asking.finally(() => underWay.delete(asking));
    }
  }, 1);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

/** Users click on what they are shown first: clicks at random would make the update worse, and the campaign stay. */
async function click(server: EmbeddedServer, { events, recommendations }: GrpcClients): Promise<void> {
  for (const userId of server.data.userIds.slice(0, NEW_EVENTS)) {
    const { items, recommendationId } = await recommendations(requestOf(server, userId));
    const itemId = items[0]?.itemId ?? '';
    const event = { eventId: '', eventType: 'watch', itemId, sentAt: new Date(), recommendationId, impression: [] };
    const { trackingId } = server;
    await events({ trackingId, userId, sessionId: 'bench', events: [{ ...event, properties: undefined }] });
  }
}

async function createUpdate({ httpUrl, campaignArn }: EmbeddedServer): Promise<void> {
  const call = async (operation: string, body: object) => {
    const response = await fetch(httpUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonPersonalize.${operation}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${operation} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { campaign?: { solutionVersionArn: string } };
  };
  const { campaign } = await call('DescribeCampaign', { campaignArn });
  const solutionArn = campaign?.solutionVersionArn.split('/').slice(0, -1).join('/');
  await call('CreateSolutionVersion', { solutionArn, trainingMode: 'UPDATE' });
}

/** When the first answer came that another version had ranked. */
async function switchTime(answers: readonly Answer[], before: string | undefined): Promise<number> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (performance.now() < deadline) {
    const first = answers.slice(-1000).find(({ version }) => version !== undefined && version !== before);
    if (first) return first.sentAt;
    await pause(100);
  }
  throw new Error('The campaign did not move to the update.');
}

function report(
  { data }: EmbeddedServer,
  answers: readonly Answer[],
  times: Record<'measuredFrom' | 'measuredTo' | 'updateAt' | 'switchedAt', number>,
): void {
  const { measuredFrom, measuredTo, updateAt, switchedAt } = times;
  const within = (from: number, to: number) => answers.filter(({ sentAt }) => sentAt >= from && sentAt < to);
  const p99 = (some: readonly Answer[]) =>
    quantile(
      some.map(({ latency }) => latency),
      0.99,
    );
  const quiet = within(measuredFrom, measuredTo);
  const training = within(updateAt, switchedAt - AROUND_SWITCH_MS);
  const around = within(switchedAt - AROUND_SWITCH_MS, switchedAt + AROUND_SWITCH_MS);
  const load = `${REQUESTS_PER_SECOND} requests/s, ${data.name}`;
  const failed = answers.filter(({ version }) => version === undefined).length;
  printFigure({ name: 'model_switch_failed', value: failed, unit: `of ${answers.length} requests (${load})` });
  const peer = { peer: 'before the update', peerValue: p99(quiet) };
  const seconds = (AROUND_SWITCH_MS * 2) / 1000;
  printFigure({
    name: 'model_switch_p99',
    value: p99(around),
    unit: `ms (${seconds} s around the switch, ${load})`,
    ...peer,
  });
  printFigure({
    name: 'model_update_p99',
    value: p99(training),
    unit: `ms (while the update trains, ${load})`,
    ...peer,
  });
}
