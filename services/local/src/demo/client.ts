import { type DemoKey, signedHeaders } from './demoKey';
import type { DemoUrls } from './demoSystem';
import type { ShownItem } from './slateTable';

/** The three calls of the demo, over HTTP as any AWS SDK would make them. */
export interface DemoClient {
  recommend(userId: string, numResults: number): Promise<ServedSlate>;
  putClick(click: Click): Promise<void>;
}

export interface ServedSlate {
  recommendationId: string;
  items: readonly ShownItem[];
}

export interface Click {
  trackingId: string;
  userId: string;
  sessionId: string;
  eventType: string;
  itemId: string;
  /** The list the click answers. */
  slate: ServedSlate;
}

/** The most items an explicit impression may name. */
const MAX_IMPRESSION = 25;

/** @param key signs the calls; absent where the services have no keys */
export function demoClient(urls: DemoUrls, campaignArn: string, key: DemoKey | undefined): DemoClient {
  const post = async (endpoint: string, path: string, content: unknown): Promise<string> => {
    const url = new URL(path, endpoint);
    const body = JSON.stringify(content);
    const headers = key ? signedHeaders(key, url, body, Date.now()) : { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return text;
  };
  return {
    recommend: async (userId, numResults) => {
      const { recommendationId, itemList } = JSON.parse(
        await post(urls.recommendations, '/recommendations', { campaignArn, userId, numResults }),
      ) as { recommendationId: string; itemList: ShownItem[] };
      return { recommendationId, items: itemList };
    },
    putClick: async ({ trackingId, userId, sessionId, eventType, itemId, slate }) => {
      const event = {
        eventType,
        itemId,
        sentAt: Date.now() / 1000,
        recommendationId: slate.recommendationId,
        impression: slate.items.slice(0, MAX_IMPRESSION).map((item) => item.itemId),
      };
      await post(urls.events, '/events', { trackingId, userId, sessionId, eventList: [event] });
    },
  };
}
