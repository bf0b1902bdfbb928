import { join } from 'node:path';
import { PLANES, type Plane } from '@attune/domain';
import { describeConfig } from '@attune/service';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { createKey, describeKey } from './createKey';
import { demo } from './demo/demo';
import { type EvaluateFlags, evaluateCommand, FORMATS } from './exploration/evaluateCommand';
import { replayCommand } from './exploration/replayCommand';
import { DECLARATIONS, readLocalConfig } from './localConfig';
import { requireRealParts } from './partsConfig';
import { migrateDatabase, topics } from './prepareParts';
import { serveFront } from './serveFront';
import { SERVICE_NAMES, SERVICES, type ServiceName } from './services';
import { createTerminal } from './terminal';
import { up } from './up';
import { codeVersion } from './version';

interface ServerFlags {
  dataDir?: string;
  host?: string;
  port?: number;
  grpcPort?: number;
}

interface KeyFlags {
  file?: string;
  datasetGroup?: string[];
  plane?: Plane[];
}

interface DemoFlags extends ServerFlags {
  interactions?: string;
  items?: string;
  users?: string;
  ingest?: string;
  inference?: string;
  exit?: boolean;
}

/** The command line of `attune`. A flag wins over its environment variable. */
export function createProgram(): Command {
  const program = new Command('attune')
    .description('Attune: real-time personalization on your own machine, with the Amazon Personalize API.')
    .version(codeVersion())
    .showHelpAfterError();

  withServerFlags(
    program
      .command('up')
      .description('Start all services in this process, and serve until Ctrl-C. State is kept in the data folder.'),
  )
    .addHelpText('after', upHelp)
    .action(async (flags: ServerFlags) => up(readLocalConfig(process.env, flags)));

  withServerFlags(
    program
      .command('serve')
      .description('Start one service in this process, and serve until SIGTERM. It needs Kafka, Postgres and Redis.')
      .addArgument(new Argument('<service>', describeServices()).choices([...SERVICE_NAMES, 'front'])),
  )
    .addHelpText('after', serveHelp)
    .action(async (service: ServiceName | 'front', flags: ServerFlags) => {
      const config = readLocalConfig(process.env, flags);
      if (service === 'front') return serveFront(config);
      requireRealParts(config);
      await up(config, [service]);
    });

  program
    .command('keys')
    .description('Access keys, for servers that listen beyond the loopback.')
    .command('create <name>')
    .description('Make a key, add it to the keys file, and print it.')
    .option('--file <path>', 'the keys file (ATTUNE_KEYS_FILE); without either, keys.json in the data folder')
    .option('--dataset-group <name...>', 'only for these dataset groups')
    .addOption(new Option('--plane <plane...>', 'only for this plane').choices(PLANES))
    .action(async (name: string, { file, datasetGroup, plane }: KeyFlags) => {
      const { keysFile, dataDir } = readLocalConfig(process.env);
      const path = file ?? (keysFile || join(dataDir, 'keys.json'));
      const key = await createKey(path, {
        name,
        ...(datasetGroup && { datasetGroups: datasetGroup }),
        ...(plane && { planes: plane }),
      });
      process.stdout.write(describeKey(path, key));
    });

  program
    .command('topics')
    .description('Create the topics on Kafka that are not there yet, with their partitions and retention.')
    .action(() => topics(readLocalConfig(process.env)));

  program
    .command('migrate')
    .description('Bring the schema of the Postgres database up to date.')
    .action(() => migrateDatabase(readLocalConfig(process.env)));

  withLogFlags(
    program
      .command('replay <recommendation-id>')
      .description('Fill a served list again from the log, and tell whether it is the same: exit code 0, else 2.'),
  ).action(async (recommendationId: string, { server, ...flags }: LogFlags) => {
    const options = { print, ...(server !== undefined && { server }) };
    process.exitCode = await replayCommand(readLocalConfig(process.env, flags), recommendationId, options);
  });

  withLogFlags(
    program
      .command('evaluate-exploration')
      .description('Estimate from the log what other exploration weights, cut-offs and models would have earned.')
      .requiredOption('--campaign <arn>', 'the campaign whose lists to read')
      .option('--from <time>', 'lists served from then on; without it, 30 days before the end')
      .option('--to <time>', 'lists served before then; without it, now')
      .option('--weight <weight...>', 'exploration weights to judge, from 0 to 1', parseNumbers)
      .option('--cut-off <days...>', 'item age cut-offs to judge', parseNumbers)
      .option('--model-version <arn...>', 'solution versions whose order to judge')
      .option('--event-type <type...>', 'what counts as a click; without it, any event on an item of the list')
      .addOption(new Option('--format <format>', 'how to write the report').choices(FORMATS).default('text'))
      .option('--output <file>', 'where to write it; without it, standard output'),
  ).action(async ({ dataDir, ...flags }: LogFlags & EvaluateFlags) => {
    await evaluateCommand(readLocalConfig(process.env, dataDir === undefined ? {} : { dataDir }), flags, print);
  });

  withServerFlags(
    program
      .command('demo')
      .description("Import data, train, play one user's session on the terminal, then serve until Ctrl-C."),
  )
    .option('--interactions <file>', 'your own interactions: a CSV with USER_ID, ITEM_ID, TIMESTAMP (Unix seconds)')
    .option('--items <file>', 'item metadata for them: a CSV with ITEM_ID, and for example TITLE')
    .option('--users <file>', 'user metadata for them: a CSV with USER_ID')
    .option('--ingest <url>', 'an ingest service that runs already; goes with --inference')
    .option('--inference <url>', 'an inference service that runs already, on the Kafka and Postgres of the environment')
    .option('--exit', 'stop after the play instead of serving')
    .action(async (given: DemoFlags, command: Command) => {
      const { interactions, items, users, ingest, inference, exit = false, ...flags } = given;
      if ((ingest === undefined) !== (inference === undefined)) {
        command.error('error: --ingest and --inference go together');
      }
      if (interactions === undefined && (items !== undefined || users !== undefined)) {
        command.error('error: --items and --users go with --interactions, which is missing');
      }
      await demo({
        config: readLocalConfig(process.env, flags),
        terminal: createTerminal(process.stdout),
        exit,
        ...(ingest !== undefined &&
          inference !== undefined && { urls: { events: ingest, recommendations: inference } }),
        ...(interactions !== undefined && {
          own: { interactions, ...(items !== undefined && { items }), ...(users !== undefined && { users }) },
        }),
      });
    });

  program.addHelpText('after', environmentHelp());
  return program;
}

function withServerFlags(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'where state is kept (ATTUNE_DATA_DIR)')
    .option('--host <address>', 'address to listen on (ATTUNE_HOST)')
    .option('--port <port>', 'HTTP port, 0 for a free one (ATTUNE_PORT)', parsePort)
    .option('--grpc-port <port>', 'gRPC port, 0 for a free one (ATTUNE_GRPC_PORT)', parsePort);
}

interface LogFlags {
  dataDir?: string;
  server?: string;
}

/** Flags of commands that read the slate log. */
function withLogFlags(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'where state is kept (ATTUNE_DATA_DIR)')
    .option('--server <host:port>', 'ask the gRPC port of a server, with ATTUNE_API_KEY, in the place of the database');
}

const print = (text: string) => void process.stdout.write(text);

function parseNumbers(text: string, before: number[] = []): number[] {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('Expected a number.');
  return [...before, value];
}

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

const upHelp = `
GET /health answers 200 when the server is ready; GET /metrics is for Prometheus.
Objects lie in the data folder: s3://bucket/key is DIR/objects/bucket/key.
AWS clients need only endpoint_url set; gRPC clients find the services by reflection.`;

const serveHelp = `
GET /health answers 200 when the service can do its work, and names what is missing when not; GET /livez as long as it
lives; GET /metrics is for Prometheus. SIGTERM: it finishes what is in hand and leaves within 10 s.
Before the first start: attune topics, attune migrate.`;

function describeServices(): string {
  const described = SERVICE_NAMES.map((name) => `${name} ${SERVICES[name].description}`);
  return [...described, 'front gives all of them one address, and needs none of these servers'].join('; ');
}

function environmentHelp(): string {
  const variables = describeConfig(DECLARATIONS).map(
    ({ name, description, default: value }) =>
      `  ${name.padEnd(28)} ${description}${value === undefined ? '' : ` Default: ${value}.`}`,
  );
  return `\nEnvironment; of any of them, NAME_FILE may name a file that holds the value:\n${variables.join('\n')}`;
}
