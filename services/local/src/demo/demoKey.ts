import { randomUUID } from 'node:crypto';
import { sha256Hex, signatureOf, signingKeyOf } from '@attune/aws';
import { InvalidInputError } from '@attune/domain';
import { type AccessKeyEntry, readKeysFile } from '@attune/service';
import type { LocalConfig } from '../localConfig';

/** What the demo signs its calls with. */
export type DemoKey = Pick<AccessKeyEntry, 'accessKeyId' | 'secretAccessKey'> & { region: string };

/**
 * The key of the settings or, without it, the first of the keys file that may send events to a dataset group and ask for
 * its recommendations.
 * @returns undefined where there are no keys: calls are not signed then
 * @throws InvalidInputError where none of the keys may
 */
export async function findDemoKey(config: LocalConfig, datasetGroup: string): Promise<DemoKey | undefined> {
  const { accessKeyId, secretAccessKey, keysFile, region } = config;
  if (accessKeyId) return { accessKeyId, secretAccessKey, region };
  if (!keysFile) return undefined;
  const key = (await readKeysFile(keysFile)).find(
    ({ planes, datasetGroups }) =>
      (planes?.includes('data') ?? true) && (datasetGroups?.includes(datasetGroup) ?? true),
  );
  if (key) return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey, region };
  throw new InvalidInputError(
    `The demo sends events to the dataset group "${datasetGroup}" and asks for its recommendations, and no key of ${keysFile} may. Make one: attune keys create demo --file ${keysFile} --plane data --dataset-group ${datasetGroup}`,
  );
}

/**
 * The headers of a POST of JSON, signed by Signature Version 4.
 * @param now milliseconds since the epoch
 */
export function signedHeaders(key: DemoKey, url: URL, body: string, now: number): Record<string, string> {
  const amzDate = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { date: amzDate.slice(0, 8), region: key.region, service: 'personalize' };
  const headers = {
    // Tells calls of one second apart: a signature can be used once.
    'amz-sdk-invocation-id': randomUUID(),
    'content-type': 'application/json',
    host: url.host,
    'x-amz-date': amzDate,
  };
  const names = Object.keys(headers);
  const signature = signatureOf(
    { method: 'POST', url: url.pathname, headers, body: Buffer.from(body) },
    { ...scope, amzDate, accessKeyId: key.accessKeyId, signedHeaders: names, signature: '' },
    sha256Hex(body),
    signingKeyOf(key.secretAccessKey, scope),
  ).toString('hex');
  const credential = `${key.accessKeyId}/${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}
