import { type Queryable, readUserProfiles } from '@attune/database';
import { type DatasetGroupName, propertyName, type UserId } from '@attune/domain';
import type { Asker, MetadataRow, Scorer } from '@attune/recommender';
import { LRUCache } from 'lru-cache';
import type { StoreWatch } from './storeWatch';

/** How long what was read of a user counts. PutUsers and imports are told at once; this is for notices that were lost. */
const TTL_MS = 60_000;

/** About 1 kB each. */
const MOST_PROFILES = 20_000;

export interface AskersParts {
  database: Queryable;
  stores: StoreWatch;
  /** Milliseconds since any origin. */
  now: () => number;
}

/** Says what is known of who asks, beside the history: the user's metadata and the request's context. */
export class Askers {
  private readonly profiles: LRUCache<string, Promise<MetadataRow>>;

  constructor(private readonly parts: AskersParts) {
    this.profiles = new LRUCache({ max: MOST_PROFILES, ttl: TTL_MS, ttlResolution: 0, perf: { now: parts.now } });
  }

  /**
   * What a model can use of a request. Where the database is away, nothing is known of the user.
   * @param context as the request has it. Keys are columns of the interactions schema, or their names in camelCase; others
   * are passed over, because clients send the same context to every campaign
   */
  async of(
    datasetGroup: DatasetGroupName,
    scorer: Scorer,
    user: UserId | undefined,
    context: Readonly<Record<string, string>> | undefined,
  ): Promise<Asker> {
    const { users, context: takesContext } = scorer.learnsFrom;
    return {
      ...(users && user !== undefined && { user: await this.profile(datasetGroup, user) }),
      ...(takesContext && context && { context: byProperty(context) }),
    };
  }

  /** Forgets the users of a dataset group, because their data changed. */
  clear(datasetGroup: DatasetGroupName): void {
    for (const name of this.profiles.keys()) if (name.startsWith(`${datasetGroup}\n`)) this.profiles.delete(name);
  }

  private profile(datasetGroup: DatasetGroupName, user: UserId): Promise<MetadataRow> {
    const name = `${datasetGroup}\n${user}`;
    const known = this.profiles.get(name);
    if (known) return known;
    const { database, stores } = this.parts;
    const reading = stores
      .read('archive', () => readUserProfiles(database, datasetGroup, [user]))
      .then((found) => {
        if (!found) this.profiles.delete(name);
        return found?.result[0]?.metadata ?? {};
      });
    this.profiles.set(name, reading);
    reading.catch(() => this.profiles.delete(name));
    return reading;
  }
}

function byProperty(context: Readonly<Record<string, string>>): MetadataRow {
  const entries = Object.entries(context);
  return Object.fromEntries([...entries.map(([name, value]) => [propertyName(name), value]), ...entries]);
}
