import { InvalidInputError } from './errors';

/** The kinds of resource that have an ARN here. */
export type ResourceType =
  | 'dataset-group'
  | 'dataset-import-job'
  | 'solution'
  | 'campaign'
  | 'event-tracker'
  | 'recipe'
  | 'algorithm';

/** Where a server's resources live: the region and account that its ARNs carry. */
export interface ArnScope {
  region: string;
  accountId: string;
}

/** `arn:aws:personalize:REGION:ACCOUNT:TYPE/NAME`, the form in which AWS clients name resources. */
export function resourceArn(scope: ArnScope, type: ResourceType, name: string): string {
  return `arn:aws:personalize:${scope.region}:${scope.accountId}:${type}/${name}`;
}

/** Recipes belong to no account: `arn:aws:personalize:::recipe/NAME`. */
export function recipeArn(name: string): string {
  return `arn:aws:personalize:::recipe/${name}`;
}

const ARN = /^arn:[a-z\d-]+:personalize:([^:]*):([^:]*):([a-z-]+)\/(.+)$/;

/**
 * Takes an ARN apart.
 * @throws InvalidInputError where it is no ARN of this service
 */
export function parseArn(arn: string): ArnScope & { type: string; name: string } {
  const match = ARN.exec(arn);
  if (!match) {
    throw new InvalidInputError(
      `"${arn}" is not an ARN of this service. Expected arn:aws:personalize:REGION:ACCOUNT:TYPE/NAME.`,
    );
  }
  const [, region, accountId, type, name] = match as unknown as [string, string, string, string, string];
  return { region, accountId, type, name };
}
