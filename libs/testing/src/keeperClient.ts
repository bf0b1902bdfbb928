import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Fault, ServerKind, ServerSettings } from './serverAddress';

/** What a test asks of the keeper of the run's servers. */
export type KeeperRequest =
  | { ask: 'share'; kind: ServerKind }
  | { ask: 'own'; kind: ServerKind; settings: ServerSettings }
  | { ask: Fault | 'dispose'; id: number };

/** @throws with what the keeper says, where a server can't be started */
export function askKeeper<Result>(socketPath: string, question: KeeperRequest): Promise<Result> {
  return new Promise((resolve, reject) => {
    // No agent: a connection that is kept open would count as left behind by the test.
    const call = request({ socketPath, method: 'POST', agent: false }, async (response) => {
      const { result, error } = JSON.parse(await text(response));
      if (response.statusCode === 200) resolve(result);
      else reject(new Error(error));
    });
    call.once('error', reject);
    call.end(JSON.stringify(question));
  });
}
