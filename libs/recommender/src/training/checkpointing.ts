import { encodeCheckpoint, type Saved } from './checkpoint';

/** Where a training leaves what it needs to go on after a crash. */
export interface Checkpoints {
  /** A checkpoint is due so long after the last one, or when 20 times as long is over as that took. */
  everySeconds: number;
  /** Keeps a checkpoint in the place of the one before. The training waits for it. */
  write(bytes: Uint8Array): Promise<void>;
}

/** The share of its time that a training spends on checkpoints, at most. */
const LARGEST_SHARE = 1 / 20;

/**
 * Writes checkpoints as they fall due.
 * @param now milliseconds since any origin
 * @returns what is called wherever the training could be interrupted
 */
export function checkpointing(
  { everySeconds, write }: Checkpoints,
  { codeVersion, now }: { codeVersion: string; now: () => number },
  save: () => Saved,
): () => Promise<void> {
  let dueAt = now() + everySeconds * 1000;
  return async () => {
    const begun = now();
    if (begun < dueAt) return;
    await write(encodeCheckpoint(save(), codeVersion));
    const ended = now();
    dueAt = ended + Math.max(everySeconds * 1000, (ended - begun) / LARGEST_SHARE);
  };
}
