import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folders of all packages, relative to the root: what tsconfig.json builds. */
export function packageFolders() {
  return readJson('tsconfig.json').references.map((reference) => reference.path);
}

export function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

/** All files below a folder of the root, relative to the root. */
export function filesBelow(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(name) : [name];
    })
    .sort();
}

/** A hash of texts and of files' names and contents. */
export function digest(texts, files) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  return hash.digest('hex');
}
