import type { ReplaySlateResponse, SlateSlot } from '@attune/proto';
import pc from 'picocolors';
import type { LocalConfig } from '../localConfig';
import { openSlateLog } from './slateLog';
import { textTable } from './textTable';

/** The exit code of `attune replay` where a list does not come out as it was served. Errors have 1. */
export const DIFFERENT = 2;

/**
 * `attune replay`: fills a served list again from the log, prints it, and whether it is the same.
 * @returns the exit code
 */
export async function replayCommand(
  config: LocalConfig,
  recommendationId: string,
  { server, print }: { server?: string; print: (text: string) => void },
): Promise<number> {
  const log = await openSlateLog(config, server);
  try {
    const response = await log.replay(recommendationId);
    print(describeReplay(response));
    return response.equal ? 0 : DIFFERENT;
  } finally {
    await log.close();
  }
}

/** A replay for a person to read. */
export function describeReplay({ slate, slots, equal }: ReplaySlateResponse): string {
  const { policy } = slate!;
  const facts = [
    `${slate!.recommendationId}, served ${new Date(slate!.servedMs).toISOString()} to ${slate!.userId || 'nobody in particular'}`,
    `by ${slate!.campaignArn} from ${slate!.solutionVersionArn}`,
    `rule ${policy!.version}, explorationWeight ${policy!.explorationWeight}, explorationItemAgeCutOff ` +
      `${policy!.explorationItemAgeCutOffDays}, seed ${policy!.seed}, ${slate!.pool.length} items to explore`,
  ];
  const rows = Array.from({ length: Math.max(slots.length, slate!.slots.length) }, (_, place) => {
    const [served, replayed] = [slate!.slots[place], slots[place]];
    return [
      String(place + 1),
      ...slotCells(replayed),
      isSame(served, replayed) ? '' : `served: ${slotCells(served).join(' ')}`,
    ];
  });
  const table = textTable(['slot', 'item', 'score', 'propensity', 'explored', ''], rows);
  const verdict = equal
    ? pc.green('The same as served, bit for bit.')
    : pc.red('Not the same as served: the log or the rule has changed.');
  return `${facts.join('\n')}\n\n${table}\n\n${verdict}\n`;
}

function slotCells(slot: SlateSlot | undefined): string[] {
  if (slot === undefined) return ['-', '', '', ''];
  // All digits, so that what is shown is what was compared.
  return [slot.itemId, String(slot.score), String(slot.propensity), slot.explored ? 'yes' : ''];
}

function isSame(one: SlateSlot | undefined, other: SlateSlot | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
