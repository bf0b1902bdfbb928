import { InvalidInputError } from '@attune/domain';
import type { Dataset } from './dataset';

/** What the API asks of a dataset before it trains. */
const LEAST_INTERACTIONS = 1000;
const LEAST_USERS_WITH_TWO = 25;
const LEAST_SHARE_WITH_TWO = 0.01;

/** @throws InvalidInputError where the data is too little to learn from, saying what there is and what is needed */
export function checkTrainable({ items, offsets, userIds }: Dataset): void {
  const refuse = (have: string, need: string) =>
    new InvalidInputError(`The Interactions dataset is too small to train on: it has ${have}. Needed: ${need}.`);
  if (items.length < LEAST_INTERACTIONS) {
    throw refuse(`${items.length} interactions`, `at least ${LEAST_INTERACTIONS}`);
  }
  const withTwo = userIds.reduce((count, _, user) => count + (offsets[user + 1]! - offsets[user]! >= 2 ? 1 : 0), 0);
  const have = `${withTwo} of ${userIds.length} users with 2 or more interactions`;
  if (withTwo < LEAST_USERS_WITH_TWO) throw refuse(have, `at least ${LEAST_USERS_WITH_TWO}`);
  if (withTwo < LEAST_SHARE_WITH_TWO * userIds.length) throw refuse(have, 'at least 1% of the users');
}
