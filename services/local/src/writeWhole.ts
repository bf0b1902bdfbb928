import { rename, writeFile } from 'node:fs/promises';

/** Writes a file under another name first, so that whoever finds it finds it whole. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}
