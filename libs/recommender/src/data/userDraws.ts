import { createHash } from 'node:crypto';

/**
 * A number per user, even over the whole numbers below 2^32: always the same for the same id and seed.
 * @returns [users]
 */
export function userDraws(userIds: readonly string[], seed: number): Uint32Array {
  return Uint32Array.from(userIds, (userId) =>
    createHash('sha256').update(`${seed}:${userId}`).digest().readUInt32BE(),
  );
}
