import type { TrainingWindow } from '../serving/model';
import type { Dataset } from './dataset';
import type { Random } from './random';
import { type Sequences, sequenceCount } from './sequences';
import { SequencesBuilder } from './splits';

/** Old events that are read before the new ones of a user: so many for each of these, and at least so many. */
const [CONTEXT_PER_EVENT, LEAST_CONTEXT] = [3, 10];

/**
 * Old events of other users for each new event, and at least this share of all: without any, what a network knows of them fades
 * while it learns what is new (McCloskey and Cohen, 1989; replay against it: Robins, 1995).
 */
const [REPLAY_PER_EVENT, LEAST_REPLAY_SHARE] = [2, 0.01];

/** The events of one user that are replayed at a time. */
const REPLAY_STRETCH = 50;

/**
 * From when on a dataset's interactions are new to a model: as many of the latest as came since its training. So one that is dated
 * far ahead hides none that come after it. Old ones that were imported since are left to the next full training.
 * @returns milliseconds since the epoch; events at that time or later are new
 */
export function newSince({ timestamps }: Pick<Dataset, 'timestamps'>, learned: TrainingWindow): number {
  const later = timestamps.reduce((count, timestamp) => count + (timestamp > learned.lastTimestamp ? 1 : 0), 0);
  const count = Math.max(later, timestamps.length - learned.interactions);
  if (count <= 0) return Number.POSITIVE_INFINITY;
  return timestamps.slice().sort()[Math.max(0, timestamps.length - count)]!;
}

/**
 * What an update learns from, so that it costs what is new and not what there is: the end of each history that has new events, with
 * some of what came before them, and a sample of stretches of the others.
 * @param since from when on events are new
 * @param maxHistory the longest stretch that is read in one go
 */
export function incrementOf(sequences: Sequences, since: number, maxHistory: number, random: Random): Sequences {
  const { offsets, timestamps } = sequences;
  const builder = new SequencesBuilder();
  const others: number[] = [];
  let newEvents = 0;
  for (let sequence = 0; sequence < sequenceCount(sequences); sequence++) {
    const [start, end] = [offsets[sequence]!, offsets[sequence + 1]!];
    let first = end;
    while (first > start && timestamps[first - 1]! >= since) first--;
    const fresh = end - first;
    if (fresh === 0) {
      others.push(sequence);
      continue;
    }
    newEvents += fresh;
    const context = Math.min(maxHistory, Math.max(LEAST_CONTEXT, CONTEXT_PER_EVENT * fresh));
    builder.addPart(sequences, Math.max(start, first - context), end);
  }
  let replay = Math.max(REPLAY_PER_EVENT * newEvents, LEAST_REPLAY_SHARE * timestamps.length);
  for (const index of random.shuffle(Int32Array.from(others.keys()))) {
    if (replay <= 0) break;
    const sequence = others[index]!;
    const [start, end] = [offsets[sequence]!, offsets[sequence + 1]!];
    if (end - start < 2) continue;
    // Of a long history any stretch may come, not always the same end.
    const last = Math.min(end, start + 2 + Math.floor(random.uniform() * (end - start - 1)));
    const first = Math.max(start, last - REPLAY_STRETCH);
    builder.addPart(sequences, first, last);
    replay -= last - first;
  }
  return builder.build();
}
