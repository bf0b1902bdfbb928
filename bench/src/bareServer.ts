import { RecommendationsServiceService } from '@attune/proto';
import { Server, ServerCredentials } from '@grpc/grpc-js';

/**
 * The least a grpc-js server can do: answers every GetRecommendations with the same bytes. Run as a process of its own:
 * the answer comes in base64 as the argument, the port goes to standard output.
 */
const answer = Buffer.from(process.argv[2] ?? '', 'base64');
const server = new Server();
const { getRecommendations } = RecommendationsServiceService;
server.addService(
  { getRecommendations: { ...getRecommendations, responseSerialize: (bytes: Buffer) => bytes } },
  { getRecommendations: (_call: unknown, respond: (error: null, response: Buffer) => void) => respond(null, answer) },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
