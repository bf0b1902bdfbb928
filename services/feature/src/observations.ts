import type { Interaction } from '@attune/domain';
import type { ItemObservation } from '@attune/session';

/** What one event tells about items: an interaction with its own, and an impression of each item it reports as shown. */
export function observationsOf(interaction: Interaction, offset: number): ItemObservation[] {
  const { itemId, impression, timestamp } = interaction;
  const observations: ItemObservation[] = [];
  if (impression) {
    for (const shown of new Set(impression)) {
      observations.push({ kind: 'impression', itemId: shown, timestamp, offset });
    }
  }
  if (itemId !== undefined) observations.push({ kind: 'interaction', itemId, timestamp, offset });
  return observations;
}
