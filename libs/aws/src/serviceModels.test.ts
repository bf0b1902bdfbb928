import { describeWhere, lackingInPython, type RequestSchema, requestSchema } from '@attune/testing';
import type { z } from 'zod';
import { controlOperations } from './controlOperations';
import { eventsOperations } from './personalizeEvents';
import { runtimeOperations } from './personalizeRuntime';
import { modelSchema, readServiceModel, type ServiceModel } from './serviceModels.fixture';

/** Members that the model gives the shape of this service's ARNs, while what they hold is a role's. */
const ROLES_OF_ANOTHER_SHAPE = [
  'DescribeDatasetImportJob.output.datasetImportJob.roleArn',
  'DescribeDatasetExportJob.output.datasetExportJob.roleArn',
  'DescribeAlgorithm.output.algorithm.roleArn',
];

interface Described {
  path?: string;
  input: z.ZodType;
  output: z.ZodType;
  errors: readonly string[];
}

/** A schema of ours in the form of `modelSchema`: what zod adds of its own left out, sets in the order of the alphabet. */
function comparable(schema: RequestSchema): RequestSchema {
  if (schema.format === 'timestamp') return { format: 'timestamp' };
  const { $schema: _, ...rest } = schema as RequestSchema & { $schema?: string };
  if (rest.type === 'integer') {
    if (rest.minimum === -(2 ** 31)) delete rest.minimum;
    if (rest.maximum === 2 ** 31 - 1) delete rest.maximum;
  }
  return {
    ...rest,
    ...(rest.enum && { enum: [...rest.enum].sort() }),
    ...(rest.required && { required: [...rest.required].sort() }),
    ...(rest.items && { items: comparable(rest.items) }),
    ...(rest.propertyNames && { propertyNames: comparable(rest.propertyNames) }),
    ...(rest.additionalProperties && { additionalProperties: comparable(rest.additionalProperties) }),
    ...(rest.properties && {
      properties: Object.fromEntries(
        Object.entries(rest.properties).map(([name, member]) => [name, comparable(member)]),
      ),
    }),
  };
}

/** Every limit of a schema with the path that leads to it, so that a difference names its member. */
function flat(path: string, schema: RequestSchema): [string, unknown][] {
  const { properties, items, propertyNames, additionalProperties, ...own } = schema;
  return [
    [path, own],
    ...Object.entries(properties ?? {}).flatMap(([name, member]) => flat(`${path}.${name}`, member)),
    ...(items ? flat(`${path}[]`, items) : []),
    ...(propertyNames ? flat(`${path}{key}`, propertyNames) : []),
    ...(additionalProperties ? flat(`${path}{value}`, additionalProperties) : []),
  ];
}

function ours(operation: string, { input, output }: Described): Record<string, unknown> {
  return limits(operation, comparable(requestSchema(input)), comparable(requestSchema(output)));
}

function theirs(operation: string, model: ServiceModel): Record<string, unknown> {
  const { input, output } = model.operations[operation]!;
  const nothing: RequestSchema = { type: 'object', properties: {} };
  return limits(operation, modelSchema(model, input.shape), output ? modelSchema(model, output.shape) : nothing);
}

function limits(operation: string, input: RequestSchema, output: RequestSchema): Record<string, unknown> {
  const all = Object.fromEntries([...flat(`${operation}.input`, input), ...flat(`${operation}.output`, output)]);
  for (const path of ROLES_OF_ANOTHER_SHAPE) delete all[path];
  return all;
}

const services: [string, Record<string, Described>][] = [
  ['personalize', controlOperations],
  ['personalize-events', eventsOperations],
  ['personalize-runtime', runtimeOperations],
];

describeWhere('beside the models that AWS publishes', lackingInPython('botocore'), () => {
  describe.each(services)('%s', (name, described) => {
    let model: ServiceModel;

    beforeAll(() => {
      model = readServiceModel(name);
    });

    test('has every operation, and no other', () => {
      expect(Object.keys(described).sort()).toEqual(Object.keys(model.operations).sort());
    });

    test.each(Object.keys(described))('%s has the same members, limits, patterns, enums and errors', (operation) => {
      const { errors, path } = described[operation]!;
      const { http, errors: modelled = [] } = model.operations[operation]!;
      expect(ours(operation, described[operation]!)).toEqual(theirs(operation, model));
      expect(path ?? '/').toBe(http.requestUri);
      expect([...errors].sort()).toEqual([...new Set(modelled.map(({ shape }) => shape))].sort());
    });
  });
});
