import pc from 'picocolors';
import type { ItemNames } from './itemNames';

/** One row of a list as a client receives it. */
export interface ShownItem {
  itemId: string;
  score?: number;
  reason?: string[];
}

const NAME_WIDTH = 44;
const KIND_WIDTH = 30;

/**
 * A served list, one line for each slot.
 * @param before the list it replaces: each line then says how far the item moved
 */
export function slateTable(items: readonly ShownItem[], names: ItemNames, before?: readonly ShownItem[]): string[] {
  return items.map(({ itemId, score, reason }, index) => {
    const rank = String(index + 1).padStart(4);
    const move = before
      ? movement(
          index,
          before.findIndex((item) => item.itemId === itemId),
        )
      : '';
    const probability = score === undefined ? '' : `${(score * 100).toFixed(2)}%`.padStart(7);
    const why = reason?.length ? pc.dim(` ${reason.join(', ')}`) : '';
    return `${rank} ${move}${fit(names.name(itemId), NAME_WIDTH)} ${pc.dim(fit(names.kind(itemId), KIND_WIDTH))} ${probability}${why}`;
  });
}

/** Where an item stands that was at `previous` (-1: nowhere) and is at `index` now. */
function movement(index: number, previous: number): string {
  if (previous === -1) return pc.yellow('new  ');
  if (previous === index) return pc.dim('  =  ');
  const places = String(Math.abs(previous - index)).padEnd(3);
  return previous > index ? pc.green(`▲ ${places}`) : pc.red(`▼ ${places}`);
}

/** What moved between two lists, in a sentence. */
export function describeChange(before: readonly ShownItem[], after: readonly ShownItem[]): string {
  const previous = before.map(({ itemId }) => itemId);
  const current = after.map(({ itemId }) => itemId);
  const arrived = current.filter((item) => !previous.includes(item)).length;
  const climbed = current.filter((item, index) => previous.indexOf(item) > index).length;
  const fell = current.filter((item, index) => previous.includes(item) && previous.indexOf(item) < index).length;
  return `${arrived} new, ${climbed} up, ${fell} down`;
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
