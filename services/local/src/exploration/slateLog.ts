import { messageOf, replayFromLog, reportOn } from '@attune/control';
import { type Database, migrate, openPglite, requireSchema } from '@attune/database';
import { AttuneError, InvalidInputError, ResourceNotFoundError, UnavailableError } from '@attune/domain';
import {
  type EvaluateExplorationRequest,
  type ExplorationReport,
  ExplorationServiceClient,
  type ReplaySlateResponse,
} from '@attune/proto';
import type { Part } from '@attune/service';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { openDataFolder } from '../dataFolder';
import type { LocalConfig } from '../localConfig';
import { openObjects, openServerDatabase } from '../parts';

/** What the slate log answers: asked of a server, or read from the database here. */
export interface SlateLog {
  replay(recommendationId: string): Promise<ReplaySlateResponse>;
  evaluate(request: EvaluateExplorationRequest): Promise<ExplorationReport>;
  close(): Promise<void>;
}

/**
 * Opens the slate log: of the server that is named, else of the database of the configuration. An embedded database that
 * a running Attune holds is asked through that one's gRPC port.
 * @param server host:port of gRPC
 */
export async function openSlateLog(config: LocalConfig, server?: string): Promise<SlateLog> {
  if (server !== undefined) return askServer(config, server);
  try {
    return await readDatabase(config);
  } catch (error) {
    const held = error instanceof AttuneError && error.code === 'ResourceInUse' && !config.databaseUrl;
    if (!held) throw error;
    return askServer(config, `${config.host}:${config.grpcPort}`);
  }
}

async function readDatabase(config: LocalConfig): Promise<SlateLog> {
  const parts: Part[] = [];
  const folder = await openDataFolder(config.dataDir);
  const database = await openDatabase(config, folder.database);
  parts.push({ name: 'database', stop: () => database.close() });
  const objects = openObjects(config, folder, parts);
  const scope = { region: config.region, accountId: config.accountId };
  return {
    replay: async (id) => {
      const { slate, replay } = await replayFromLog({ database }, id);
      return { slate: messageOf(slate), slots: [...replay.slots], equal: replay.equal };
    },
    evaluate: (request) => reportOn({ database, objects, scope, now: Date.now }, request),
    close: async () => {
      for (const part of parts.reverse()) await part.stop();
    },
  };
}

async function openDatabase(config: LocalConfig, folder: string): Promise<Database> {
  if (!config.databaseUrl) {
    const database = await openPglite(folder);
    await migrate(database);
    return database;
  }
  const database = await openServerDatabase(config, 'attune-slate-log');
  await requireSchema(database);
  return database;
}

function askServer({ apiKey, grpcTlsCertificate }: LocalConfig, server: string): SlateLog {
  const secure = grpcTlsCertificate
    ? credentials.createSsl(Buffer.from(grpcTlsCertificate))
    : credentials.createInsecure();
  const client = new ExplorationServiceClient(server, secure);
  const metadata = new Metadata();
  if (apiKey) metadata.set('x-api-key', apiKey);
  const call = <Answer>(begin: (done: (error: ServiceError | null, answer: Answer) => void) => void) =>
    new Promise<Answer>((resolve, reject) => {
      begin((error, answer) => (error ? reject(explained(error, server)) : resolve(answer)));
    });
  return {
    replay: (recommendationId) => call((done) => client.replaySlate({ recommendationId }, metadata, done)),
    evaluate: async (request) => {
      const { report } = await call<{ report?: ExplorationReport | undefined }>((done) =>
        client.evaluateExploration(request, metadata, done),
      );
      return report!;
    },
    close: async () => client.close(),
  };
}

function explained(error: ServiceError, server: string): Error {
  const { code, details } = error;
  if (code === status.NOT_FOUND) return new ResourceNotFoundError(details, { cause: error });
  if (code === status.INVALID_ARGUMENT) return new InvalidInputError(details, { cause: error });
  if (code === status.UNAVAILABLE) {
    return new UnavailableError(`No Attune answers at ${server}: ${details}`, 1, { cause: error });
  }
  if (code === status.UNAUTHENTICATED) {
    return new AttuneError('Unauthenticated', `${details} ATTUNE_API_KEY holds the key to send.`, { cause: error });
  }
  return new AttuneError('AccessDenied', `${server} refused: ${details}`, { cause: error });
}
