import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where an embedded Attune keeps its state. */
export interface DataFolder {
  root: string;
  /** The embedded Postgres. */
  database: string;
  /** `s3://bucket/key` is `objects/bucket/key`. */
  objects: string;
  /** Files of trainings in progress. */
  training: string;
  /** Downloads and marks of the demo. */
  demo: string;
}

export async function openDataFolder(path: string): Promise<DataFolder> {
  const root = resolve(path);
  const folder: DataFolder = {
    root,
    database: join(root, 'database'),
    objects: join(root, 'objects'),
    training: join(root, 'training'),
    demo: join(root, 'demo'),
  };
  for (const each of [folder.objects, folder.training, folder.demo]) await mkdir(each, { recursive: true });
  return folder;
}
