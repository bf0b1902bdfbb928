import { z } from 'zod';
import { timestamp } from './members';

/**
 * Writes an answer as its shape has it: times, which are milliseconds inside, become seconds, and what the shape does not
 * name is left out. Limits are not checked: an answer that says too much is better than none.
 */
export function writeShape(shape: z.core.$ZodType, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (shape === timestamp) return (value as number) / 1000;
  if (shape instanceof z.ZodOptional) return writeShape(shape.unwrap(), value);
  if (shape instanceof z.ZodArray) return (value as unknown[]).map((member) => writeShape(shape.element, member));
  if (shape instanceof z.ZodRecord) {
    return mapEntries(value, (_, member) => writeShape(shape.valueType, member));
  }
  if (shape instanceof z.ZodObject) {
    return mapEntries(value, (name, member) =>
      Object.hasOwn(shape.shape, name) ? writeShape(shape.shape[name]!, member) : undefined,
    );
  }
  return value;
}

function mapEntries(value: object, write: (name: string, member: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, write(name, member)]));
}
