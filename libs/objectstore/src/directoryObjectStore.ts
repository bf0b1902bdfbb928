import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { InvalidInputError, ResourceNotFoundError } from '@attune/domain';
import type { ObjectStore } from './objectStore';
import { parseS3Uri } from './s3Uri';

/** Marks files that are being written, so that no listing shows them. */
const PART_SUFFIX = '.attune-part';

/** Objects as files of a folder: `s3://bucket/key` is `root/bucket/key`. */
export function directoryObjectStore(root: string): ObjectStore {
  const pathOf = (uri: string): string => {
    const { bucket, key } = parseS3Uri(uri);
    if (key === '' || key.endsWith('/')) throw new InvalidInputError(`"${uri}" names a folder, not an object.`);
    return join(root, bucket, ...key.split('/'));
  };
  return {
    put: async (uri, content) => {
      const path = pathOf(uri);
      await mkdir(dirname(path), { recursive: true });
      const part = `${path}.${randomUUID()}${PART_SUFFIX}`;
      try {
        await writeDurably(part, content);
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    get: (uri) => readFile(pathOf(uri)).catch((error: unknown) => notFound(uri, error)),
    stream: async (uri) => {
      const file = await open(pathOf(uri)).catch((error: unknown) => notFound(uri, error));
      if ((await file.stat()).isFile()) return file.createReadStream();
      await file.close();
      throw new ResourceNotFoundError(`There is no object ${uri}.`);
    },
    list: async (uriPrefix) => {
      const { bucket, key } = parseS3Uri(uriPrefix);
      const bucketFolder = join(root, bucket);
      const files = await readdir(bucketFolder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      return files
        .filter((file) => file.isFile() && !file.name.endsWith(PART_SUFFIX))
        .map((file) => relative(bucketFolder, join(file.parentPath, file.name)).split(sep).join('/'))
        .filter((name) => name.startsWith(key))
        .sort()
        .map((name) => `s3://${bucket}/${name}`);
    },
    delete: async (uri) => rm(pathOf(uri), { force: true }),
  };
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

function notFound(uri: string, error: unknown): never {
  if (isMissing(error)) throw new ResourceNotFoundError(`There is no object ${uri}.`, { cause: error });
  throw error;
}
