/** The deepest shape of the API has ten levels; a value of thousands overflows the stack of whatever walks through it. */
export const MAX_NESTING = 100;

/** Whether lists and structures lie in each other deeper than `MAX_NESTING`. */
export function nestedTooDeeply(value: unknown, levels = MAX_NESTING): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => nestedTooDeeply(member, levels - 1));
}
