import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisClient } from './redisClient';

const FOLDER = join(__dirname, '..', 'lua');

/** A Lua script of `lua/`, which the server runs as one step that no other command comes between. */
export class RedisScript {
  private readonly text: string;
  private readonly sha: string;

  constructor(file: string) {
    this.text = readFileSync(join(FOLDER, file), 'utf8');
    this.sha = createHash('sha1').update(this.text).digest('hex');
  }

  /** The text is sent where the server does not know it: the first time, and after it was restarted. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    // ioredis takes them as a list, too. Tens of thousands by themselves would be more than the stack holds.
    const list = [...keys, ...args] as readonly (string | number | Buffer)[] as never;
    try {
      return await client.evalsha(this.sha, keys.length, list);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return client.eval(this.text, keys.length, list);
    }
  }
}
