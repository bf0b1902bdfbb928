import { setTimeout } from 'node:timers/promises';
import { UnavailableError } from '@attune/domain';
import { type Admin, KafkaJSError } from 'kafkajs';
import type { KafkaClient, KafkaClients } from './kafkaConnection';
import { reasonOf } from './kafkaRefusal';

const REQUEST_TIMEOUT_MS = 2000;

/** A partition finds a new leader, and a broker that comes back its place, within about a second. */
const RETRY_UNTIL_MS = 1500;
const RETRY_PAUSE_MS = 100;

interface Session extends KafkaClient {
  admin: Admin;
  connected: Promise<void>;
}

/** A connection for questions about the cluster: made when the first is asked, and anew after one that failed. */
export class KafkaAdmin {
  private session: Session | undefined;

  constructor(private readonly clients: KafkaClients) {}

  /**
   * @param failure what to say where there is no answer, before the reason
   * @throws UnavailableError where Kafka can't be reached, or refuses
   */
  async ask<Answer>(failure: string, question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    for (const start = performance.now(); ; await setTimeout(RETRY_PAUSE_MS)) {
      this.session ??= this.open();
      const session = this.session;
      try {
        await session.connected;
        return await question(session.admin);
      } catch (error) {
        if (this.session === session) this.session = undefined;
        session.sockets.close();
        if (error instanceof KafkaJSError && error.retriable && performance.now() - start < RETRY_UNTIL_MS) continue;
        throw new UnavailableError(`${failure}: ${reasonOf(error)}`, 1, { cause: error });
      }
    }
  }

  async close(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    if (!session) return;
    await session.connected.then(() => session.admin.disconnect()).catch(() => {});
    session.sockets.close();
  }

  private open(): Session {
    const client = this.clients.open(REQUEST_TIMEOUT_MS);
    const admin = client.kafka.admin();
    return { ...client, admin, connected: admin.connect() };
  }
}
