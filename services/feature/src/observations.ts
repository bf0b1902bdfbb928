import type { Interaction } from '@attune/domain';
import type { ItemObservation } from '@attune/session';

/** What one event tells about items: an interaction with its own, and an impression of each item it reports as shown. */
export function observationsOf(interaction: Interaction, offset: number): ItemObservation[] {
  const { itemId, impression = [], timestamp } = interaction;
  const observations: ItemObservation[] = [...new Set(impression)].map((shown) => ({
    kind: 'impression',
    itemId: shown,
    timestamp,
    offset,
  }));
  if (itemId !== undefined) observations.push({ kind: 'interaction', itemId, timestamp, offset });
  return observations;
}
