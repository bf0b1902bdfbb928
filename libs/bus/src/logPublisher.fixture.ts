import { openPglite } from '@attune/database';
import { openEmbeddedLog } from './embeddedLog';
import type { Topic } from './topic';

/** What the publisher does is number its messages, in two ways. */
export const numbersTopic: Topic<string> = {
  name: 'numbers',
  partitions: 2,
  encode: (value) => Buffer.from(value),
  decode: (bytes) => Buffer.from(bytes).toString(),
};

export type PublisherReport = { published: number } | { consumed: string };

/** Publishes numbers one after the other and consumes them, and tells the parent process of both, until it is killed. */
async function publishForEver(folder: string, firstNumber: number): Promise<void> {
  const report = (message: PublisherReport) => new Promise((resolve) => process.send!(message, resolve));
  const logger = { warn: () => {}, error: () => {} };
  const bus = await openEmbeddedLog({ database: await openPglite(folder), logger });
  await bus.subscribe(numbersTopic, {
    group: 'numbers',
    onBatch: async ({ messages }) => {
      for (const { value } of messages) await report({ consumed: value });
    },
  });
  for (let number = firstNumber; ; number += 3) {
    const parallel = [number, number + 1, number + 2];
    await Promise.all(
      parallel.map(async (each) => {
        await bus.publish(numbersTopic, [{ key: `key ${each % 7}`, value: String(each) }]);
        await report({ published: each });
      }),
    );
  }
}

if (require.main === module) void publishForEver(process.argv[2]!, Number(process.argv[3]));
