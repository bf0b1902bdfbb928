/** The deepest shape of the API has ten levels; a value of thousands overflows the stack of whatever walks through it. */
export const MAX_NESTING = 100;

/** Whether lists and structures lie in each other deeper than `MAX_NESTING`. */
export function nestedTooDeeply(value: unknown, levels = MAX_NESTING): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // Every request is walked through: a list of its values, and a function for each, would be a sixth of all its garbage.
  for (const name in value) {
    if (nestedTooDeeply(value[name as keyof typeof value], levels - 1)) return true;
  }
  return false;
}
