import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { explore } from '../configureCampaign';
import { printFigure, quantile } from '../figure';
import { connect, type GrpcClients } from '../grpcClients';
import { SERVERS_OPTION, startTrainedServer } from '../startTrainedServer';
import type { TrainedServer } from '../trainedServer';

export const description =
  "from PutEvents' answer to an impression to another propensity of an explored item, embedded; --servers: on Kafka and Redis";

const IMPRESSIONS = 200;
const GOAL_P99_MS = 1000;
/** So few items that each is seen soon, and all of them fit into one draw. */
const FEW_ITEMS = { least: 2, most: 90 };
/** Older than any data set here: the cut-off counts from the latest event, and that may be today's. */
const LONGEST_CUT_OFF_IN_DAYS = 20_000;
/** Lists that show the propensities as they are before an impression. */
const LISTS_BEFORE = 30;

/** Reports one list after another as seen, and asks until an item has another propensity than before. */
export async function run(args: readonly string[]): Promise<void> {
  const { servers } = parseArgs({ args: [...args], options: SERVERS_OPTION }).values;
  const server = await startTrainedServer(servers);
  const clients = connect(server);
  try {
    const latencies: number[] = [];
    const items = await exploreFew(server, clients);
    for (let impression = 0; impression < IMPRESSIONS; impression++) {
      const before = await propensities(server, clients);
      await report(server, clients, impression, items[impression % items.length]!);
      const answered = performance.now();
      for (;;) {
        const [itemId, propensity] = await firstSlot(server, clients);
        if (before.has(itemId) && before.get(itemId) !== propensity) break;
        if (performance.now() - answered > 10_000) throw new Error('No propensity changed within 10 s.');
        await pause(2);
      }
      latencies.push(performance.now() - answered);
    }
    const unit = `ms (${IMPRESSIONS} impressions, ${items.length} items explored, ${server.data.name}${servers ? ', on Kafka, Redis and Postgres' : ''})`;
    printFigure({ name: 'impression_to_changed_exploration_p50', value: quantile(latencies, 0.5), unit });
    printFigure({
      name: 'impression_to_changed_exploration_p99',
      value: quantile(latencies, 0.99),
      unit,
      peer: 'goal',
      peerValue: GOAL_P99_MS,
    });
  } finally {
    clients.close();
    await server.stop();
  }
}

/** Explores alone, with a cut-off that leaves few items. @returns these items */
async function exploreFew(server: TrainedServer, clients: GrpcClients): Promise<string[]> {
  const found: string[] = [];
  // The longer the cut-off, the more items: halving finds one that leaves a few.
  let [tooFew, tooMany] = [0, LONGEST_CUT_OFF_IN_DAYS];
  while (tooMany - tooFew > 1) {
    const days = Math.floor((tooFew + tooMany) / 2);
    await explore(server, { explorationWeight: '1', explorationItemAgeCutOff: String(days) });
    await firstSlot(server, clients);
    const items = new Set<string>();
    for (let list = 0; list < 10 * FEW_ITEMS.most; list++) items.add((await firstSlot(server, clients))[0]);
    if (items.size < FEW_ITEMS.least) tooFew = days;
    else if (items.size > FEW_ITEMS.most) tooMany = days;
    else return [...items];
    found.push(`${items.size} within ${days} days`);
  }
  throw new Error(`No cut-off leaves a few items to explore: ${found.join(', ')}.`);
}

/** The propensities by item. Between two readings of the statistics they stay the same. */
async function propensities(server: TrainedServer, clients: GrpcClients): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let list = 0; list < LISTS_BEFORE; list++) {
    const [itemId, propensity] = await firstSlot(server, clients);
    found.set(itemId, propensity);
  }
  return found;
}

async function firstSlot(
  { campaignArn, data }: TrainedServer,
  { recommendations }: GrpcClients,
): Promise<[itemId: string, propensity: number]> {
  const { items } = await recommendations({
    campaignArn,
    userId: data.userIds[0]!,
    numResults: 1,
    metadataColumns: [],
    context: {},
    includePropensities: true,
  });
  return [items[0]!.itemId, items[0]!.propensity!];
}

/** Says that the item was seen in a list of its own. */
async function report(
  { trackingId }: TrainedServer,
  { events }: GrpcClients,
  visit: number,
  itemId: string,
): Promise<void> {
  const event = {
    eventId: '',
    eventType: 'seen',
    itemId: '',
    sentAt: new Date(),
    recommendationId: '',
    impression: [itemId],
    properties: undefined,
  };
  await events({ trackingId, userId: 'somebody-else', sessionId: `bench-${visit}`, events: [event] });
}
