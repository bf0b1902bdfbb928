import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidInputError, type Plane } from '@attune/domain';
import { type AccessKeyEntry, accessKeyEntry, readKeysFile } from '@attune/service';

export interface NewKey {
  name: string;
  datasetGroups?: string[];
  planes?: Plane[];
}

/**
 * Makes a key and adds it to a keys file, which only its owner can read.
 * @throws InvalidInputError where the file is not valid, has a key of this name, or the key would not be valid
 */
export async function createKey(path: string, { name, datasetGroups, planes }: NewKey): Promise<AccessKeyEntry> {
  const keys = existsSync(path) ? await readKeysFile(path) : [];
  if (keys.some((key) => key.name === name)) throw new InvalidInputError(`${path} has a key "${name}" already.`);
  const entry = accessKeyEntry.safeParse({
    name,
    accessKeyId: newAccessKeyId(),
    // As long as AWS's: 30 bytes in base64.
    secretAccessKey: randomBytes(30).toString('base64'),
    apiKey: `attune_${randomBytes(30).toString('base64url')}`,
    ...(datasetGroups && { datasetGroups }),
    ...(planes && { planes }),
  });
  if (!entry.success) {
    const problems = entry.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new InvalidInputError(`The key can't be made. ${problems.join('; ')}.`);
  }
  await mkdir(dirname(path), { recursive: true });
  // Written whole under another name first: a server that looks now finds the old keys or the new ones.
  await writeFile(`${path}.part`, `${JSON.stringify([...keys, entry.data], null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.part`, path);
  return entry.data;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Twenty characters, as AWS's have; these begin with the name of the server. */
function newAccessKeyId(): string {
  return `ATTUNE${Array.from({ length: 14 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`;
}

/** What whoever uses the key has to set. */
export function describeKey(path: string, { name, accessKeyId, secretAccessKey, apiKey }: AccessKeyEntry): string {
  return `The key "${name}" is in ${path}; start Attune with ATTUNE_KEYS_FILE=${path}.

For AWS clients, in ~/.aws/credentials:
[attune]
aws_access_key_id = ${accessKeyId}
aws_secret_access_key = ${secretAccessKey}

For gRPC clients and Prometheus, as "authorization: Bearer KEY":
${apiKey}
`;
}
