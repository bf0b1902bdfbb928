import { parseArgs } from 'node:util';
import { explore } from '../configureCampaign';
import { printFigure, quantile } from '../figure';
import { connect, listRequest } from '../grpcClients';
import type { Round } from '../keepBusy';
import { keepRate } from '../keepRate';
import { SERVERS_OPTION, startTrainedServer } from '../startTrainedServer';

export const description =
  'GetRecommendations over gRPC with exploration, beside pure relevance of the same campaign; --servers: on Redis; --rate N';

const LIST_LENGTH = 25;
const ROUND_MS = 3000;
/**
 * Requests in a second, so few that the cores are not full: what a list leads to behind its answer (the slate on the bus,
 * in the archive, in item statistics) has a core of its own in production, and here would stand before the next answer.
 */
const DEFAULT_RATE = '100';
/** The weights take turns, so that a busy machine slows both alike. */
const ROUNDS = 5;

/** Of ml-100k 490 items are so young, so that a request draws from as many as it may, and all of them fit the pool. */
const CUT_OFF_DAYS = '180';

/** Asks for the lists of all users in turn, with one weight and then with the other. */
export async function run(args: readonly string[]): Promise<void> {
  const options = { ...SERVERS_OPTION, rate: { type: 'string', default: DEFAULT_RATE } } as const;
  const { servers, rate } = parseArgs({ args: [...args], options }).values;
  const server = await startTrainedServer(servers);
  const { recommendations, close } = connect(server);
  const requests = server.data.userIds.map((userId) => listRequest(server, userId, LIST_LENGTH));
  const load = async (explorationWeight: string) => {
    await explore(server, { explorationWeight, explorationItemAgeCutOff: CUT_OFF_DAYS });
    for (const request of requests) await recommendations(request);
    return keepRate(Number(rate), ROUND_MS, (index) => recommendations(requests[index % requests.length]!));
  };
  try {
    for (const weight of ['0', '0.3']) await load(weight);
    const relevance: Round[] = [];
    const exploring: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      relevance.push(await load('0'));
      exploring.push(await load('0.3'));
    }
    const unit = `ms (${LIST_LENGTH} items, ${rate} requests/s, ${server.data.name}${servers ? ', on Kafka, Redis and Postgres' : ''}, median of ${ROUNDS} rounds)`;
    const peer = 'weight 0';
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const of = (rounds: readonly Round[]) =>
        quantile(
          rounds.map(({ latencies }) => quantile(latencies, share)),
          0.5,
        );
      printFigure({ name: `exploration_${name}_ms`, value: of(exploring), unit, peer, peerValue: of(relevance) });
    }
  } finally {
    close();
    await server.stop();
  }
}
