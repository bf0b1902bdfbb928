import { z } from 'zod';
import { CHANGE_ERRORS, DESCRIBE_ERRORS } from './controlErrors';
import { text } from './members';
import { arn, domain, name, nextToken, page, paging, times } from './personalizeMembers';

/** Avro, as JSON. */
const schema = text({ max: 20_000 });
const summary = z.object({ name, schemaArn: arn, ...times, domain }).partial();

export const schemaOperations = {
  CreateSchema: {
    input: z.object({ name, schema, domain: domain.optional() }),
    output: z.object({ schemaArn: arn }).partial(),
    errors: ['InvalidInputException', 'ResourceAlreadyExistsException', 'LimitExceededException'],
  },
  DescribeSchema: {
    input: z.object({ schemaArn: arn }),
    output: z.object({ schema: summary.extend({ schema: schema.optional() }) }).partial(),
    errors: DESCRIBE_ERRORS,
  },
  ListSchemas: {
    input: z.object(paging),
    output: z.object({ schemas: page(summary), nextToken }).partial(),
    errors: ['InvalidNextTokenException'],
  },
  DeleteSchema: { input: z.object({ schemaArn: arn }), output: z.object({}), errors: CHANGE_ERRORS },
} as const;
