import { types } from 'pg';
import { parseBigint } from './parseBigint';

/** `bigint[]`, which has no name in pg's list of types. */
const INT8_ARRAY = 1016;

/** How values come back: as pg reads them, but for `bigint`, which is a number. */
export const postgresTypes: typeof types = {
  ...types,
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === types.builtins.INT8) return parseBigint;
    if (oid === INT8_ARRAY) return parseBigintArray;
    return types.getTypeParser(oid, format as 'text');
  }) as typeof types.getTypeParser,
};

function parseBigintArray(text: string): (number | null)[] {
  const elements: (string | null)[] = types.getTypeParser(INT8_ARRAY as number)(text);
  return elements.map((element) => (element === null ? null : parseBigint(element)));
}
