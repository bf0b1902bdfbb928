import { InvalidInputError } from './errors';

/** The kinds of resource that have an ARN, as the ARN writes them. */
export const RESOURCE_TYPES = [
  'dataset-group',
  'schema',
  'dataset',
  'dataset-import-job',
  'dataset-export-job',
  'data-deletion-job',
  'event-tracker',
  'solution',
  'campaign',
  'filter',
  'batch-inference-job',
  'batch-segment-job',
  'recommender',
  'metric-attribution',
  'recipe',
  'algorithm',
  'feature-transformation',
] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** What a member of a request may name. A solution version's ARN is its solution's with one more part. */
export type ArnKind = ResourceType | 'solution-version';

/** Where a server's resources live: the region and account that its ARNs carry. */
export interface ArnScope {
  region: string;
  accountId: string;
}

/** Recipes and their parts come with the server; they belong to no region and no account. */
type BuiltInType = 'recipe' | 'algorithm' | 'feature-transformation';
const BUILT_IN: ReadonlySet<ArnKind> = new Set<BuiltInType>(['recipe', 'algorithm', 'feature-transformation']);
const NO_SCOPE: ArnScope = { region: '', accountId: '' };

/** `arn:aws:personalize:REGION:ACCOUNT:TYPE/NAME`, the form in which AWS clients name resources. */
export function resourceArn(scope: ArnScope, type: ResourceType, name: string): string {
  return `arn:aws:personalize:${scope.region}:${scope.accountId}:${type}/${name}`;
}

/** What comes with the server belongs to no account: `arn:aws:personalize:::recipe/NAME`. */
export function builtInArn(type: BuiltInType, name: string): string {
  return resourceArn(NO_SCOPE, type, name);
}

/** `arn:aws:personalize:::recipe/NAME` */
export function recipeArn(name: string): string {
  return builtInArn('recipe', name);
}

const ARN = /^arn:aws:personalize:([^:]*):([^:]*):([a-z-]+)\/([^:\s]+)$/;

/**
 * Takes an ARN apart.
 * @throws InvalidInputError where it is no ARN of this service
 */
export function parseArn(arn: string): ArnScope & { type: string; name: string } {
  const match = ARN.exec(arn);
  if (!match) throw malformed(arn, 'arn:aws:personalize:REGION:ACCOUNT:TYPE/NAME');
  const [, region, accountId, type, name] = match as unknown as [string, string, string, string, string];
  return { region, accountId, type, name };
}

/**
 * Checks that an ARN can name a resource of this kind on this server. Whether there is such a resource is another
 * question.
 * @returns what follows the type: `NAME`, of a dataset `GROUP/TYPE`, of a solution version `NAME/ID`
 * @throws InvalidInputError where the ARN is malformed, of another region, of another account, or of another kind
 */
export function requireArn(scope: ArnScope, kind: ArnKind, arn: string): string {
  const { region, accountId, type, name } = parseArn(arn);
  const [regionHere, accountHere] = BUILT_IN.has(kind) ? ['', ''] : [scope.region, scope.accountId];
  const given = kindOf(type, name);
  if (given === undefined) throw malformed(arn, expectedForm(scope, kind));
  if (given !== kind) {
    throw new InvalidInputError(
      `"${arn}" names a ${words(given)}, not a ${words(kind)}. Expected ${expectedForm(scope, kind)}.`,
    );
  }
  if (region !== regionHere) {
    throw new InvalidInputError(`"${arn}" is of the region "${region}". ${here(kind, 'region', regionHere)}`);
  }
  if (accountId !== accountHere) {
    throw new InvalidInputError(`"${arn}" is of the account "${accountId}". ${here(kind, 'account', accountHere)}`);
  }
  return name;
}

/** How many parts a name has, where it is not one. */
const NAME_PARTS: Partial<Record<ArnKind, number>> = { dataset: 2, 'solution-version': 2 };

function kindOf(type: string, name: string): ArnKind | undefined {
  const parts = name.split('/');
  if (parts.includes('')) return undefined;
  const kind = type === 'solution' && parts.length === 2 ? 'solution-version' : (type as ResourceType);
  if (kind !== 'solution-version' && !RESOURCE_TYPES.includes(kind)) return undefined;
  return parts.length === (NAME_PARTS[kind] ?? 1) ? kind : undefined;
}

function expectedForm(scope: ArnScope, kind: ArnKind): string {
  if (kind === 'dataset') return resourceArn(scope, kind, 'DATASET-GROUP/TYPE');
  if (kind === 'solution-version') return resourceArn(scope, 'solution', 'NAME/VERSION');
  return resourceArn(BUILT_IN.has(kind) ? NO_SCOPE : scope, kind, 'NAME');
}

function here(kind: ArnKind, part: 'region' | 'account', value: string): string {
  if (BUILT_IN.has(kind)) return `A ${words(kind)} belongs to no ${part}: arn:aws:personalize:::${kind}/NAME.`;
  return `The resources of this server are of the ${part} "${value}".`;
}

function words(kind: ArnKind): string {
  return kind.replaceAll('-', ' ');
}

function malformed(arn: string, form: string): InvalidInputError {
  return new InvalidInputError(`"${arn}" is not an ARN of this service. Expected ${form}.`);
}
