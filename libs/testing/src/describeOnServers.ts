import { describeWhere } from './describeWhere';
import { SERVER_VARIABLES, type ServerKind, type ServerSettings, type ServerSources } from './serverAddress';
import { currentRun } from './serverRun';
import { type OwnServer, type Servers, shareServer, startOwnServer } from './servers';

/** The first test to want Kafka may wait for its download. */
const START_TIMEOUT_MS = 300_000;

/**
 * A Jest `describe` for tests on real servers, shared with the other test files of the run.
 *
 * Where a server can't be had, the tests are skipped with a line that says what to install; with
 * `ATTUNE_REQUIRE_SERVERS=1` they fail instead.
 * @param tests gets the servers, whose members are there from the first `beforeAll` on
 */
export function describeOnServers<Kind extends ServerKind>(
  name: string,
  kinds: readonly Kind[],
  tests: (servers: Pick<Servers, Kind>) => void,
): void {
  describeWhere(
    name,
    lacking(kinds, () => canShare),
    () => {
      const servers = {} as Pick<Servers, Kind>;
      beforeAll(async () => {
        for (const kind of kinds) servers[kind] = await shareServer(currentRun(), kind);
      }, START_TIMEOUT_MS);
      afterAll(async () => {
        if ('postgres' in servers) await (servers as Servers).postgres.dropDatabases();
      });
      tests(servers);
    },
  );
}

/**
 * As `describeOnServers`, with servers that only these tests use: to break them, or with settings of their own. They
 * never come from the environment.
 */
export function describeOnOwnServers<Kind extends ServerKind>(
  name: string,
  settings: Readonly<Record<Kind, ServerSettings>>,
  tests: (servers: { [K in Kind]: OwnServer<K> }) => void,
): void {
  const kinds = Object.keys(settings) as Kind[];
  describeWhere(
    name,
    lacking(kinds, (kind) => (settings[kind as Kind].secure ? canSecure : canStart)),
    () => {
      const servers = {} as { [K in Kind]: OwnServer<K> };
      beforeAll(async () => {
        for (const kind of kinds) servers[kind] = await startOwnServer(currentRun(), kind, settings[kind]);
      }, START_TIMEOUT_MS);
      afterAll(async () => {
        for (const kind of kinds) await servers[kind]?.dispose();
      });
      tests(servers);
    },
  );
}

type Availability = (source: ServerSources) => boolean;

const canSecure: Availability = ({ missing }) => missing === undefined;
const canStart: Availability = (source) => source.container || canSecure(source);
const canShare: Availability = (source) => source.environment !== undefined || canStart(source);

const NAMES: Readonly<Record<ServerKind, string>> = { kafka: 'Kafka', redis: 'Redis', postgres: 'PostgreSQL' };

function lacking(kinds: readonly ServerKind[], availability: (kind: ServerKind) => Availability): string[] {
  const { sources } = currentRun();
  return kinds
    .filter((kind) => !availability(kind)(sources[kind]))
    .map((kind) => {
      const ways = [`install ${sources[kind].missing}`];
      if (availability(kind) !== canSecure) ways.push('start a container runtime');
      if (availability(kind) === canShare) ways.push(`set ${SERVER_VARIABLES[kind]}`);
      return `${NAMES[kind]} is missing: ${ways.join(', or ')}.`;
    });
}
