import { parseArgs } from 'node:util';
import { explore } from '../configureCampaign';
import { printFigure, quantile } from '../figure';
import { connect } from '../grpcClients';
import { keepBusy, type Round } from '../keepBusy';
import { SERVERS_OPTION, startTrainedServer } from '../startTrainedServer';

export const description =
  'GetRecommendations over gRPC with exploration, beside pure relevance of the same campaign; --servers: on Redis';

const LIST_LENGTH = 25;
const CONCURRENCY = 4;
const ROUND_MS = 3000;
/** The weights take turns, so that a busy machine slows both alike. */
const ROUNDS = 5;

/** As old as any item: so a request draws from as many items as it may. */
const EVERY_ITEM = '100000';

/** Asks for the lists of all users in turn, with one weight and then with the other. */
export async function run(args: readonly string[]): Promise<void> {
  const { servers } = parseArgs({ args: [...args], options: SERVERS_OPTION }).values;
  const server = await startTrainedServer(servers);
  const { recommendations, close } = connect(server);
  const requests = server.data.userIds.map((userId) => ({
    campaignArn: server.campaignArn,
    userId,
    numResults: LIST_LENGTH,
    metadataColumns: [],
    context: {},
  }));
  const load = async (explorationWeight: string) => {
    await explore(server, { explorationWeight, explorationItemAgeCutOff: EVERY_ITEM });
    for (const request of requests) await recommendations(request);
    return keepBusy(CONCURRENCY, ROUND_MS, (index) => recommendations(requests[index % requests.length]!));
  };
  try {
    for (const weight of ['0', '0.3']) await load(weight);
    const relevance: Round[] = [];
    const exploring: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      relevance.push(await load('0'));
      exploring.push(await load('0.3'));
    }
    const unit = `ms (${LIST_LENGTH} items, ${CONCURRENCY} at a time, ${server.data.name}${servers ? ', on Kafka, Redis and Postgres' : ''}, median of ${ROUNDS} rounds)`;
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
