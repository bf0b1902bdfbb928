import { Random } from '@attune/recommender';

/**
 * A CSV of generated clicks with a pattern that can be learnt: users walk through a ring of items, each step mostly to
 * the next one.
 */
export function generatedClicks({ users = 60, items = 40, clicksPerUser = 30, seed = 7 } = {}): string {
  const random = new Random(seed);
  const lines = ['USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE'];
  for (let user = 0; user < users; user++) {
    let item = Math.floor(random.uniform() * items);
    for (let click = 0; click < clicksPerUser; click++) {
      lines.push(`u${user},i${item},${1_700_000_000 + user * 10_000 + click * 60},click`);
      item = random.uniform() < 0.8 ? (item + 1) % items : Math.floor(random.uniform() * items);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Names for the items of `generatedClicks`. */
export function generatedItems({ items = 40 } = {}): string {
  return `ITEM_ID,TITLE\n${Array.from({ length: items }, (_, item) => `i${item},"Item, number ${item}"`).join('\n')}\n`;
}
