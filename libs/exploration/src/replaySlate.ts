import { InvalidInputError, type Slate, type SlateSlot } from '@attune/domain';
import { fillSlate, SLATE_RULE } from './fillSlate';

/** A list as the log has it, and as the policy fills it again from what was logged. */
export interface Replay {
  slots: readonly SlateSlot[];
  /** Whether each slot has the same item, score, propensity and origin, bit for bit. */
  equal: boolean;
}

/**
 * Fills a logged list again.
 * @throws InvalidInputError where the list was filled by a rule that this version does not have
 */
export function replaySlate({ recommendationId, policy, relevant, pool, slots: logged }: Slate): Replay {
  if (policy.version !== SLATE_RULE) {
    throw new InvalidInputError(
      `The list ${recommendationId} was filled by the rule "${policy.version}". This version replays "${SLATE_RULE}" alone.`,
    );
  }
  const slots = fillSlate({ ranked: relevant, pool, size: logged.length, policy });
  return { slots, equal: slots.length === logged.length && slots.every((slot, at) => isSame(slot, logged[at]!)) };
}

function isSame(one: SlateSlot, other: SlateSlot): boolean {
  return (
    one.itemId === other.itemId &&
    Object.is(one.score, other.score) &&
    Object.is(one.propensity, other.propensity) &&
    one.explored === other.explored
  );
}
