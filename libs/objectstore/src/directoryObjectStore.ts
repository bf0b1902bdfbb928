import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { InvalidInputError, ResourceNotFoundError, UnavailableError } from '@attune/domain';
import type { ObjectStore } from './objectStore';
import { parseS3Prefix, parseS3Uri } from './s3Uri';

/** Beside the buckets, whose names can't begin with a dot, and so on the same file system. */
const DRAFTS_FOLDER = '.drafts';

/**
 * Objects as files: `s3://bucket/key` is `ROOT/bucket/key`. The folder is made when the first object is written.
 *
 * Unlike on an S3 endpoint, an object's key can't be a folder of another's, as in `a` and `a/b`, and no segment of a key
 * can be longer than a file name, 255 bytes.
 */
export function directoryObjectStore(root: string): ObjectStore {
  return new DirectoryObjectStore(resolve(root));
}

class DirectoryObjectStore implements ObjectStore {
  constructor(private readonly root: string) {}

  async put(uri: string, content: Uint8Array): Promise<void> {
    const path = this.pathOf(uri);
    const drafts = join(this.root, DRAFTS_FOLDER);
    try {
      await mkdir(drafts, { recursive: true });
    } catch (cause) {
      throw new UnavailableError(`${uri} can't be written: ${this.root} can't be used (${codeOf(cause)}).`, 1, {
        cause,
      });
    }
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeThenRename(join(drafts, randomUUID()), path, content);
      await syncFolder(dirname(path));
    } catch (error) {
      throw writeError(uri, error);
    }
  }

  async get(uri: string): Promise<Uint8Array> {
    const path = this.pathOf(uri);
    try {
      return await readFile(path);
    } catch (error) {
      throw readError(uri, error);
    }
  }

  async stream(uri: string): Promise<Readable> {
    const path = this.pathOf(uri);
    try {
      const handle = await open(path);
      if ((await handle.stat()).isFile()) return handle.createReadStream();
      await handle.close();
    } catch (error) {
      throw readError(uri, error);
    }
    throw notFound(uri);
  }

  async size(uri: string): Promise<number> {
    const path = this.pathOf(uri);
    try {
      const info = await stat(path);
      if (info.isFile()) return info.size;
    } catch (error) {
      throw readError(uri, error);
    }
    throw notFound(uri);
  }

  async list(uriPrefix: string): Promise<string[]> {
    const { bucket, key } = parseS3Prefix(uriPrefix);
    const folder = join(this.root, bucket, ...key.split('/').slice(0, -1));
    const uris = (await filesBelow(uriPrefix, folder))
      .map((file) => `s3://${relative(this.root, join(file.parentPath, file.name)).split(sep).join('/')}`)
      .filter((uri) => uri.startsWith(`s3://${bucket}/${key}`));
    return uris.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async delete(uri: string): Promise<void> {
    const path = this.pathOf(uri);
    try {
      await rm(path);
    } catch (error) {
      if (!isMissing(error)) throw writeError(uri, error);
    }
  }

  private pathOf(uri: string): string {
    const { bucket, key } = parseS3Uri(uri);
    return join(this.root, bucket, ...key.split('/'));
  }
}

async function writeThenRename(draft: string, path: string, content: Uint8Array): Promise<void> {
  try {
    await writeDurably(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a new name in a folder durable. Windows can't, and needn't: NTFS keeps a journal of names. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function filesBelow(uriPrefix: string, folder: string): Promise<Dirent[]> {
  try {
    return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  } catch (error) {
    if (isMissing(error)) return [];
    throw readError(uriPrefix, error);
  }
}

/** A file in the place of a folder, or a folder in the place of a file, is another object's; too long a name is nobody's. */
function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_FS_EISDIR', 'ENAMETOOLONG'].includes(codeOf(error));
}

function notFound(uri: string, options?: ErrorOptions): ResourceNotFoundError {
  return new ResourceNotFoundError(`There is no object ${uri}.`, options);
}

function readError(uri: string, cause: unknown): Error {
  if (isMissing(cause)) return notFound(uri, { cause });
  return new UnavailableError(`${uri} can't be read (${codeOf(cause)}).`, 1, { cause });
}

function writeError(uri: string, cause: unknown): Error {
  const code = codeOf(cause);
  if (code === 'ENAMETOOLONG') {
    return new InvalidInputError(`${uri} can't be a file: a part of its key is longer than 255 bytes.`, { cause });
  }
  if (['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY'].includes(code)) {
    return new InvalidInputError(`${uri} can't be a file: its key is a folder of another object's, or the reverse.`, {
      cause,
    });
  }
  return new UnavailableError(`${uri} can't be written (${code}).`, 1, { cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
