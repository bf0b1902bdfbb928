import type { Random } from '@attune/recommender';

/** The items that a page may be made of, by their ids. */
export interface PageChoices {
  /** What the server recommends, most relevant first. */
  served: readonly string[];
  /** Items of the feed that are at most `POOL_AGE_DAYS` old and that the user has not clicked. */
  pool: readonly string[];
  length: number;
}

/** How old an item may be to be explored: the campaign's explorationItemAgeCutOff, for peers and server alike. */
export const POOL_AGE_DAYS = 30;

/** What campaigns that explore promise each new item; measured for every policy. */
export const PROMISE = { impressions: 20, hours: 24 } as const;

/** Who decides what is shown. */
export interface WorldPolicy {
  /** In figures and plots. */
  name: string;
  /** The campaign's `itemExplorationConfig`. */
  exploration: Readonly<Record<string, string>>;
  /** How many items the server is asked for. */
  candidates: number;
  /** Makes a page. Absent where the server's list is shown as it is. */
  arrange?(choices: PageChoices): string[];
  /** Hears of a page and its clicks. */
  learn?(shown: readonly string[], clicked: readonly string[]): void;
}

const PURE_RELEVANCE = { explorationWeight: '0' };

/** Attune's own exploration, with its promise where it explores at all. */
export function attune(weight: number, length: number): WorldPolicy {
  const exploration = {
    explorationWeight: String(weight),
    explorationItemAgeCutOff: String(POOL_AGE_DAYS),
    exposureImpressions: String(PROMISE.impressions),
    exposureHours: String(PROMISE.hours),
  };
  return {
    name: `Attune, w = ${weight}`,
    exploration: weight === 0 ? PURE_RELEVANCE : exploration,
    candidates: length,
  };
}

/** What clients that explore by themselves ask for: enough for a page, whatever they put between. */
const CLIENT_CANDIDATES = 30;

/**
 * Epsilon-greedy (Sutton and Barto, 2018): each place goes with probability epsilon to an item of the pool, all of them
 * equally likely, else to the most relevant item left.
 */
export function epsilonGreedy(epsilon: number, random: Random): WorldPolicy {
  return {
    name: `epsilon-greedy, ${epsilon}`,
    exploration: PURE_RELEVANCE,
    candidates: CLIENT_CANDIDATES,
    arrange: ({ served, pool, length }) => {
      const page = new Set<string>();
      while (page.size < length) {
        const young = pool.filter((item) => !page.has(item));
        const explored = random.uniform() < epsilon ? young[Math.floor(random.uniform() * young.length)] : undefined;
        const next = explored ?? served.find((item) => !page.has(item)) ?? young[0];
        if (next === undefined) break;
        page.add(next);
      }
      return [...page];
    },
  };
}

/**
 * Bernoulli Thompson sampling (Chapelle and Li, NIPS 2011) over the relevant items and the pool: of each, a click rate is
 * drawn from its Beta posterior with a uniform prior, and the highest are shown, best first.
 */
export function thompsonSampling(random: Random): WorldPolicy {
  const counts = new Map<string, { impressions: number; clicks: number }>();
  const countOf = (item: string) => {
    const known = counts.get(item);
    if (known) return known;
    const fresh = { impressions: 0, clicks: 0 };
    counts.set(item, fresh);
    return fresh;
  };
  return {
    name: 'Thompson sampling',
    exploration: PURE_RELEVANCE,
    candidates: CLIENT_CANDIDATES,
    arrange: ({ served, pool, length }) => {
      const drawn = [...new Set([...served, ...pool])].map((item) => {
        const { impressions, clicks } = countOf(item);
        return { item, rate: drawBeta(random, 1 + clicks, 1 + impressions - clicks) };
      });
      return drawn
        .sort((a, b) => b.rate - a.rate)
        .slice(0, length)
        .map(({ item }) => item);
    },
    learn: (shown, clicked) => {
      for (const item of shown) countOf(item).impressions++;
      for (const item of clicked) countOf(item).clicks++;
    },
  };
}

/** A draw from a Beta distribution, as a share of two Gamma draws. */
export function drawBeta(random: Random, a: number, b: number): number {
  const x = drawGamma(random, a);
  return x / (x + drawGamma(random, b));
}

/** A draw from a Gamma distribution of scale 1 (Marsaglia and Tsang, 2000). @param shape at least 1 */
function drawGamma(random: Random, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.uniform();
    if (Math.log(u) < 0.5 * normal ** 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}
