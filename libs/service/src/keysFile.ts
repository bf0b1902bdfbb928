import { unwatchFile, watchFile } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { InvalidInputError } from '@attune/domain';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type AccessKeyEntry, type AccessKeys, accessKeyEntry, indexAccessKeys, type SettingsKey } from './accessKeys';

/** How often the file is looked at. Asking is sure where a mounted secret is replaced by renaming; watching is not. */
const LOOK_EVERY_MS = 1_000;

/** The name of the key that the settings name. */
const SETTINGS_KEY = 'settings';

/**
 * The keys of a keys file.
 * @throws InvalidInputError where it can't be read, others can read it, or it is wrong; no message holds a secret
 */
export async function readKeysFile(path: string): Promise<AccessKeyEntry[]> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (mode & 0o077) {
      const others = (mode & 0o777).toString(8).padStart(3, '0');
      throw new InvalidInputError(
        `Others may read or change the keys file ${path} (mode ${others}). chmod 600 ${path}`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InvalidInputError(`The keys file ${path} can't be read (${reason}). attune keys create makes one.`);
  }
  return parseKeys(text, path);
}

const keysFile = z
  .array(accessKeyEntry)
  .min(1, 'at least one key')
  .superRefine((keys, context) => {
    for (const member of ['name', 'accessKeyId', 'apiKey'] as const) {
      const seen = new Set<string>();
      for (const [index, { [member]: value }] of keys.entries()) {
        if (value === undefined) continue;
        if (seen.has(value)) context.addIssue({ code: 'custom', path: [index, member], message: 'used by two keys' });
        seen.add(value);
      }
    }
  });

function parseKeys(text: string, path: string): AccessKeyEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes what it read, which may be a secret.
    throw new InvalidInputError(`The keys file ${path} is not valid JSON. It must be an array of keys.`);
  }
  const result = keysFile.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `\n  ${z.core.toDotPath(issue.path)}: ${issue.message}`);
  throw new InvalidInputError(`The keys file ${path} is not valid.${problems.join('')}`);
}

export interface KeysOptions {
  /** Empty: no file. */
  path: string;
  /** Members that are empty are not set. */
  settings: SettingsKey;
  logger: Logger;
}

/** Keys that follow their file. */
export interface WatchedKeys extends AccessKeys {
  /** Reads the file again. One that is wrong is logged, and the keys stay as they were. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens the keys of the settings, and follows the changes of their file.
 * @returns undefined where there is no key at all
 * @throws InvalidInputError as `readKeysFile`, or where half a key is set
 */
export async function openAccessKeys({ path, settings, logger }: KeysOptions): Promise<WatchedKeys | undefined> {
  const own = settingsKey(settings);
  if (!path && own.length === 0) return undefined;
  const read = async () => indexAccessKeys([...own, ...(path ? await readKeysFile(path) : [])]);
  let keys = await read();
  const reload = async () => {
    try {
      keys = await read();
      logger.info({ path }, 'access keys were read again');
    } catch (error) {
      logger.error({ err: error, path }, 'access keys stay as they were');
    }
  };
  const changed = () => void reload();
  if (path) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, changed);
  return {
    byAccessKeyId: (id) => keys.byAccessKeyId(id),
    byApiKey: (apiKey) => keys.byApiKey(apiKey),
    byName: (name) => keys.byName(name),
    reload,
    stop: async () => {
      if (path) unwatchFile(path, changed);
    },
  };
}

function settingsKey({ accessKeyId, secretAccessKey, apiKey }: SettingsKey): AccessKeyEntry[] {
  if (!accessKeyId && !secretAccessKey && !apiKey) return [];
  const result = accessKeyEntry.safeParse({
    name: SETTINGS_KEY,
    accessKeyId,
    secretAccessKey,
    ...(apiKey && { apiKey }),
  });
  if (result.success) return [result.data];
  const variables: Record<string, string> = {
    accessKeyId: 'ATTUNE_ACCESS_KEY_ID',
    secretAccessKey: 'ATTUNE_SECRET_ACCESS_KEY',
    apiKey: 'ATTUNE_API_KEY',
  };
  const problems = result.error.issues.map(({ path, message }) => `\n  ${variables[String(path[0])]}: ${message}`);
  throw new InvalidInputError(`The access key of the settings is not valid.${problems.join('')}`);
}
