import type { Page, PageKey } from '@attune/database';
import { InvalidNextTokenError } from '@attune/domain';
import { z } from 'zod';

/** The rows of a page where the request does not say: the API's maximum. */
const DEFAULT_PAGE_SIZE = 100;

/** What a token says: of which list it is, and where the next page begins. */
const token = z.tuple([z.string(), z.string(), z.int(), z.string().regex(/^[\x21-\x7e]+$/)]);

export interface ListRequest<Item> {
  /** The operation's name. */
  operation: string;
  /** What narrows the list, as the request names it: a token of one list is none of another. */
  within?: string | undefined;
  request: { nextToken?: string | undefined; maxResults?: number | undefined };
  /** Reads a page, in order of creation. */
  read(page: Page): Promise<Item[]>;
  /** Where an item stands in the list. */
  keyOf(item: Item): PageKey;
}

/**
 * Reads a list page by page. A token names the last item of its page, so what is created or deleted between two pages
 * shifts nothing.
 * @throws InvalidNextTokenError where the token is not one that this list gave
 */
export async function listPage<Item>(list: ListRequest<Item>): Promise<{ items: Item[]; nextToken?: string }> {
  const { nextToken, maxResults = DEFAULT_PAGE_SIZE } = list.request;
  // An empty token, which the API's pattern allows, is how some loops begin.
  const after = nextToken ? readToken(list, nextToken) : undefined;
  // One more than asked for, to know whether there are more.
  const rows = await list.read({ limit: maxResults + 1, ...(after && { after }) });
  const items = rows.slice(0, maxResults);
  const last = items.at(-1);
  return { items, ...(rows.length > maxResults && last && { nextToken: writeToken(list, list.keyOf(last)) }) };
}

function writeToken<Item>({ operation, within = '' }: ListRequest<Item>, { createdAt, id }: PageKey): string {
  return Buffer.from(JSON.stringify([operation, within, createdAt, id])).toString('base64url');
}

function readToken<Item>({ operation, within = '' }: ListRequest<Item>, text: string): PageKey {
  const parsed = token.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (!parsed.success) {
    throw new InvalidNextTokenError('nextToken is not one that this server gave. Begin the list anew, without it.');
  }
  const [itsOperation, itsBounds, createdAt, id] = parsed.data;
  if (itsOperation !== operation || itsBounds !== within) {
    throw new InvalidNextTokenError(
      `nextToken belongs to another list${itsOperation === operation ? '' : `, of ${itsOperation}`}. Repeat that call's other members with it, or begin this list without it.`,
    );
  }
  return { createdAt, id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
