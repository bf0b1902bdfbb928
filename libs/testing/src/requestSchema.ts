import { z } from 'zod';

/** The part of JSON Schema that the API's shapes use. */
export interface RequestSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  /** A number of seconds, or a text in ISO 8601; such a schema has no `type`. */
  format?: 'timestamp';
  /** A structure. */
  properties?: Readonly<Record<string, RequestSchema>>;
  required?: readonly string[];
  /** A map. */
  propertyNames?: RequestSchema;
  additionalProperties?: RequestSchema;
  maxProperties?: number;
  /** A list. */
  items?: RequestSchema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  /** As the API writes it; the whole string must match. */
  pattern?: string;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
}

/** What a client has to write, as JSON Schema. */
export function requestSchema(shape: z.ZodType): RequestSchema {
  return z.toJSONSchema(shape, { io: 'input' }) as RequestSchema;
}
