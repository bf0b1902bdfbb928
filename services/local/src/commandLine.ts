import { describeConfig } from '@attune/service';
import { Command, InvalidArgumentError } from 'commander';
import { demo } from './demo/demo';
import { DECLARATIONS, readLocalConfig } from './localConfig';
import { createTerminal } from './terminal';
import { up } from './up';
import { codeVersion } from './version';

interface ServerFlags {
  dataDir?: string;
  host?: string;
  port?: number;
  grpcPort?: number;
}

interface DemoFlags extends ServerFlags {
  interactions?: string;
  items?: string;
  users?: string;
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
      .command('demo')
      .description("Import data, train, play one user's session on the terminal, then serve until Ctrl-C."),
  )
    .option('--interactions <file>', 'your own interactions: a CSV with USER_ID, ITEM_ID, TIMESTAMP (Unix seconds)')
    .option('--items <file>', 'item metadata for them: a CSV with ITEM_ID, and for example TITLE')
    .option('--users <file>', 'user metadata for them: a CSV with USER_ID')
    .option('--exit', 'stop after the play instead of serving')
    .action(async ({ interactions, items, users, exit = false, ...flags }: DemoFlags, command: Command) => {
      if (interactions === undefined && (items !== undefined || users !== undefined)) {
        command.error('error: --items and --users go with --interactions, which is missing');
      }
      await demo({
        config: readLocalConfig(process.env, flags),
        terminal: createTerminal(process.stdout),
        exit,
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

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

const upHelp = `
GET /health answers 200 when the server is ready; GET /metrics is for Prometheus.
Objects lie in the data folder: s3://bucket/key is DIR/objects/bucket/key.
AWS clients need only endpoint_url set; gRPC clients find the services by reflection.`;

function environmentHelp(): string {
  const variables = describeConfig(DECLARATIONS).map(
    ({ name, description, default: value }) =>
      `  ${name.padEnd(28)} ${description}${value === undefined ? '' : ` Default: ${value}.`}`,
  );
  return `\nEnvironment:\n${variables.join('\n')}`;
}
