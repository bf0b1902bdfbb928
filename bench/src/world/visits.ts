import type { Event, GetRecommendationsResponse } from '@attune/proto';
import {
  DAY_MS,
  type Session,
  timeOf,
  userIdOf,
  Visitors,
  type World,
  type WorldHistory,
  type WorldItem,
} from '@attune/world';
import { connect, type GrpcClients } from '../grpcClients';
import { Measures } from './measures';
import { POOL_AGE_DAYS, type WorldPolicy } from './policies';
import type { WorldResources } from './resources';
import type { Site } from './site';

export interface VisitsOptions {
  world: World;
  history: WorldHistory;
  /** When the first served day begins, in milliseconds since the epoch. */
  firstDay: number;
  site: Site;
  resources: WorldResources;
  policy: WorldPolicy;
}

/** Users of a world visit a site: they ask for lists over gRPC, look at them, and report what they did. */
export class Visits {
  readonly measures: Measures;
  /** What GetRecommendations took, in milliseconds. */
  readonly latencies: number[] = [];
  private readonly visitors: Visitors;
  private readonly grpc: GrpcClients;

  constructor(private readonly options: VisitsOptions) {
    const { world, history, site } = options;
    this.measures = new Measures(world);
    this.visitors = new Visitors(world.settings.seed, history.consumed);
    this.grpc = connect(site);
  }

  close(): void {
    this.grpc.close();
  }

  /** Plays a session from its first page to its last. */
  async play(session: Session): Promise<void> {
    const { world, policy } = this.options;
    for (let page = 0; page < session.pages; page++) {
      const answer = await this.ask(session.user);
      const { shown, explored } = this.arrange(session, page, answer);
      this.measures.note(this.visitors, session, page, shown, explored);
      const clicked = this.visitors.look(session, page, shown);
      this.measures.noteClicks(session, clicked.length);
      policy.learn?.(idsOf(shown), idsOf(clicked));
      await this.report(session, page, answer.recommendationId, shown, clicked);
    }
    const found = session.organic ? this.visitors.find(session, world.itemsAt(timeOf(session))) : undefined;
    if (found) await this.put(session, [this.event(session, session.pages, { itemId: found.itemId })]);
  }

  async ask(user: number): Promise<GetRecommendationsResponse> {
    const { resources, policy } = this.options;
    const sent = performance.now();
    const answer = await this.grpc.recommendations({
      campaignArn: resources.campaignArn,
      userId: userIdOf(user),
      numResults: policy.candidates,
      metadataColumns: [],
      context: {},
    });
    this.latencies.push(performance.now() - sent);
    return answer;
  }

  private arrange(session: Session, page: number, { items }: GetRecommendationsResponse) {
    const { world, policy } = this.options;
    const byId = (itemId: string) => world.item(itemId);
    if (!policy.arrange) {
      return { shown: items.map(({ itemId }) => byId(itemId)), explored: items.filter(isExplored).length };
    }
    const time = timeOf(session, page);
    const pool = world
      .itemsAt(time)
      .filter((item) => time - item.createdDay <= POOL_AGE_DAYS && !this.visitors.knows(session.user, item));
    const served = items.map(({ itemId }) => itemId);
    const { listLength: length } = world.settings;
    const chosen = policy.arrange({ served, pool: idsOf(pool), length });
    const relevant = new Set(served.slice(0, length));
    return { shown: chosen.map(byId), explored: chosen.filter((item) => !relevant.has(item)).length };
  }

  /** One call for a page: its clicks, the first of which tells what was shown, or a view without any. */
  private async report(
    session: Session,
    page: number,
    recommendationId: string,
    shown: readonly WorldItem[],
    clicked: readonly WorldItem[],
  ): Promise<void> {
    const impression = idsOf(shown);
    const events = clicked.map(({ itemId }, index) =>
      this.event(session, page, { itemId, recommendationId, impression: index === 0 ? impression : [] }),
    );
    if (events.length === 0) {
      events.push(this.event(session, page, { eventType: 'view', recommendationId, impression }));
    }
    await this.put(session, events);
  }

  private event(session: Session, page: number, about: Partial<Event>): Event {
    const sentAt = new Date(Math.floor(this.options.firstDay + timeOf(session, page) * DAY_MS));
    const nothing = { eventId: '', eventType: 'click', itemId: '', recommendationId: '', impression: [] };
    return { ...nothing, sentAt, ...about };
  }

  private async put({ user, sessionId }: Session, events: Event[]): Promise<void> {
    const { trackingId } = this.options.resources;
    await this.grpc.events({ trackingId, userId: userIdOf(user), sessionId, events });
  }
}

function isExplored({ reason }: { reason: readonly string[] }): boolean {
  return reason.includes('Exploration');
}

function idsOf(items: readonly WorldItem[]): string[] {
  return items.map(({ itemId }) => itemId);
}
