import { setTimeout } from 'node:timers/promises';
import calculateSlot from 'cluster-key-slot';
import { Cluster, type Redis } from 'ioredis';
import { createRedisClient, DEFAULT_CONNECT_TIMEOUT_MS, type RedisClient, type RedisSettings } from './redisClient';
import { unavailableWhereLost } from './redisErrors';
import type { RedisScript } from './redisScript';

/**
 * Connects to a Redis, version 6.2 or newer. Where it is away, this resolves all the same, and goes on trying in the
 * background: until it succeeds, and whenever the connection is lost later, commands reject at once.
 * @throws InvalidInputError where the URL is none
 */
export async function openRedis(settings: RedisSettings): Promise<RedisConnection> {
  const client = createRedisClient(settings);
  const connection = new RedisConnection(client, new URL(settings.url).host);
  const patience = new AbortController();
  await Promise.race([
    // The connection keeps the reason, and tells it to whoever sends a command.
    client.connect().catch(() => {}),
    // A cluster's client goes on trying before it says anything.
    setTimeout(settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS, undefined, patience).catch(() => {}),
  ]);
  patience.abort();
  return connection;
}

/** A connection to a Redis or a Redis Cluster. Its opener closes it. */
export class RedisConnection {
  /** Why there is no connection, where there is none. */
  private obstacle: Error | undefined;

  /** @param server where it leads, for error messages */
  constructor(
    private readonly client: RedisClient,
    private readonly server: string,
  ) {
    client.on('error', (error) => {
      this.obstacle = error;
    });
    client.on('ready', () => {
      this.obstacle = undefined;
    });
  }

  /** @throws UnavailableError where the server can't be reached or does not answer in time */
  async run<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result> {
    try {
      return await command(this.client);
    } catch (error) {
      throw unavailableWhereLost(error, this.server, this.obstacle);
    }
  }

  /**
   * Runs a script, which the server knows after the first time.
   * @throws UnavailableError where the server can't be reached or does not answer in time
   */
  runScript(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    return this.run((client) => script.run(client, keys, args));
  }

  /**
   * Sorts what has a key into calls of at most `size`: of a Redis Cluster, a call may name keys of one slot only.
   */
  callsOf<Keyed extends { key: string }>(members: readonly Keyed[], size: number): Keyed[][] {
    const slotOf = this.client instanceof Cluster ? calculateSlot : () => 0;
    const calls: Keyed[][] = [];
    const open = new Map<number, Keyed[]>();
    for (const member of members) {
      const slot = slotOf(member.key);
      const call = open.get(slot);
      if (call && call.length < size) {
        call.push(member);
        continue;
      }
      const next = [member];
      open.set(slot, next);
      calls.push(next);
    }
    return calls;
  }

  /** Deletes all keys that match a glob-style pattern, on every node. */
  async deleteMatching(pattern: string): Promise<void> {
    const nodes = this.client instanceof Cluster ? this.client.nodes('master') : [this.client];
    await Promise.all(nodes.map((node) => this.run(() => deleteMatchingOn(node, pattern))));
  }

  /** @throws UnavailableError where the server can't be reached or does not answer in time */
  async ping(): Promise<void> {
    await this.run((client) => client.ping());
  }

  /** Lets go of the connection. What is in hand is rejected. */
  close(): void {
    this.client.disconnect();
  }
}

/** One call looks at this many keys: well below a millisecond of the server's only thread. */
const SCAN_COUNT = 1000;

async function deleteMatchingOn(node: Redis, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
    // Of a Redis Cluster, one command may not name keys of different slots.
    await Promise.all(keys.map((key) => node.unlink(key)));
    cursor = next;
  } while (cursor !== '0');
}
