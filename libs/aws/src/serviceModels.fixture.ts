import { execFileSync } from 'node:child_process';
import { python, type RequestSchema } from '@attune/testing';

/** A shape of a service model; see botocore's `service-2.json`. */
interface ModelShape {
  type: string;
  required?: string[];
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
}

/** What AWS publishes of a service: the file from which all its clients are made. */
export interface ServiceModel {
  operations: Record<
    string,
    {
      http: { requestUri: string };
      input: { shape: string };
      output?: { shape: string };
      errors?: { shape: string }[];
    }
  >;
  shapes: Record<string, ModelShape>;
}

/** The model of a service, as Python's botocore brings it. */
export function readServiceModel(service: string): ServiceModel {
  const script = `import botocore.loaders, json; print(json.dumps(botocore.loaders.Loader().load_service_model("${service}", "service-2")))`;
  return JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
}

/** A shape of a model in JSON Schema. A length of at least 0 says nothing and is left out. */
export function modelSchema({ shapes }: ServiceModel, name: string): RequestSchema {
  const shape = shapes[name]!;
  const { min, max, pattern } = shape;
  const of = (reference: { shape: string } | undefined) => modelSchema({ shapes, operations: {} }, reference!.shape);
  switch (shape.type) {
    case 'structure':
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(shape.members!).map(([member, value]) => [member, of(value)])),
        ...(shape.required?.length && { required: [...shape.required].sort() }),
      };
    case 'list':
      return { type: 'array', items: of(shape.member), ...(min && { minItems: min }), ...(max && { maxItems: max }) };
    case 'map':
      return {
        type: 'object',
        propertyNames: of(shape.key),
        additionalProperties: of(shape.value),
        ...(max && { maxProperties: max }),
      };
    case 'string':
      return {
        type: 'string',
        ...(min && { minLength: min }),
        ...(max && { maxLength: max }),
        ...(pattern && { pattern }),
        ...(shape.enum && { enum: [...shape.enum].sort() }),
      };
    case 'integer':
    case 'float':
    case 'double':
      return {
        type: shape.type === 'integer' ? 'integer' : 'number',
        ...(min !== undefined && { minimum: min }),
        ...(max !== undefined && { maximum: max }),
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'timestamp':
      return { format: 'timestamp' };
    default:
      throw new Error(`${name} has the type ${shape.type}, which this comparison does not know`);
  }
}
