import { createHash, timingSafeEqual } from 'node:crypto';
import { type Caller, PLANES } from '@attune/domain';
import { z } from 'zod';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, '1 to 63 letters, digits, dots, hyphens or underscores');
const secret = z.string().min(16, 'at least 16 characters');

/** One key as the keys file holds it. */
export const accessKeyEntry = z.strictObject({
  name,
  accessKeyId: z.string().regex(/^\w{16,128}$/, '16 to 128 letters, digits or underscores, as AWS has them'),
  secretAccessKey: secret,
  /** For gRPC and `/metrics`. */
  apiKey: secret.optional(),
  datasetGroups: z.array(name).min(1, 'at least one; leave the member out for all').optional(),
  planes: z.array(z.enum(PLANES)).min(1, 'at least one; leave the member out for both').optional(),
});

export type AccessKeyEntry = z.output<typeof accessKeyEntry>;

/** A key, and who calls with it. */
export interface AccessKey {
  caller: Caller;
  accessKeyId: string;
  secretAccessKey: string;
}

/** What looks keys up. The keys themselves may change while the server runs. */
export interface AccessKeys {
  byAccessKeyId(accessKeyId: string): AccessKey | undefined;
  byApiKey(apiKey: string): Caller | undefined;
  byName(name: string): Caller | undefined;
}

/** A full key that the settings name, beside those of a file. */
export interface SettingsKey {
  accessKeyId: string;
  secretAccessKey: string;
  apiKey: string;
}

/** Prepares keys for look-up. */
export function indexAccessKeys(entries: readonly AccessKeyEntry[]): AccessKeys {
  const keys = entries.map((entry) => ({ ...entry, caller: callerOf(entry) }));
  const byAccessKeyId = new Map(keys.map((key) => [key.accessKeyId, key]));
  const byName = new Map(keys.map(({ caller }) => [caller.name, caller]));
  const apiKeys = keys.flatMap(({ apiKey, caller }) => (apiKey ? [{ digest: sha256(apiKey), caller }] : []));
  return {
    byAccessKeyId: (accessKeyId) => byAccessKeyId.get(accessKeyId),
    byName: (given) => byName.get(given),
    byApiKey: (apiKey) => {
      const digest = sha256(apiKey);
      let found: Caller | undefined;
      // Every key is compared, so that the time taken tells nothing of which one it was.
      for (const key of apiKeys) if (timingSafeEqual(key.digest, digest)) found = key.caller;
      return found;
    },
  };
}

function callerOf({ name, planes = [...PLANES], datasetGroups }: AccessKeyEntry): Caller {
  return {
    name,
    planes: new Set(planes),
    ...(datasetGroups && { datasetGroups: new Set(datasetGroups) }),
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
