import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/**
 * Says what is wrong with a text that `JSON.parse` refused, and where. V8's own message has no position in every
 * version, and quotes the text.
 * @returns for example `ValueExpected at position 7`, or undefined where the text is JSON; positions count from 0
 */
export function jsonProblem(text: string): string | undefined {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true });
  } catch (error) {
    // It calls itself for every level, which JSON.parse does not.
    if (error instanceof RangeError) return 'nested too deeply to say where';
    throw error;
  }
  const first = errors[0];
  return first && `${printParseErrorCode(first.error)} at position ${first.offset}`;
}
