/** The schema that the queue keeps for itself, beside Attune's own tables. */
export const SCHEMA = 'job_queue';

/** What waits to be worked on, by kind: a worker takes jobs of one kind alone. */
export const QUEUE_NAMES = ['import', 'export', 'deletion', 'announcement', 'training'] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];

/**
 * How long a worker may be silent, in seconds, before its job is another's. A process that was killed leaves its jobs to
 * others after so much time, and one that is stopped by a debugger or a full disk loses them.
 */
export const LEASE_SECONDS = 10;

/**
 * How often a job begins anew after its worker died or its handler threw: with the pauses between, which double from 1 s
 * on, a part that is away for half a minute costs no job.
 */
export const RETRIES = 5;

/** Settings of every queue. A job waits for as long as it takes, ten years at most. */
export const QUEUE_OPTIONS = {
  policy: 'standard',
  expireInSeconds: LEASE_SECONDS,
  retryLimit: RETRIES,
  retryDelay: 1,
  retryBackoff: true,
  retentionMinutes: 10 * 365 * 24 * 60,
} as const;
