import { type DatasetGroupName, ResourceAlreadyExistsError, ResourceNotFoundError } from '@attune/domain';
import type { Queryable } from './database';
import { fromRow, type JsonObject, type NullableRow } from './rows';

/** What a client asks for recommendations; it serves one solution version at a time. */
export interface Campaign {
  arn: string;
  /** Unique on a server. */
  name: string;
  datasetGroup: DatasetGroupName;
  solutionArn: string;
  /** Absent until the first version is trained. */
  solutionVersionArn?: string;
  settings: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

const SELECT = `select arn, name, dataset_group as "datasetGroup", solution_arn as "solutionArn",
  solution_version_arn as "solutionVersionArn", settings, created_ms as "createdAt", updated_ms as "updatedAt"
  from campaign`;

/** @throws ResourceAlreadyExistsError */
export async function createCampaign(db: Queryable, campaign: Omit<Campaign, 'updatedAt'>): Promise<void> {
  const created = await db.query(
    `insert into campaign
       (arn, name, dataset_group, solution_arn, solution_version_arn, settings, created_ms, updated_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict do nothing returning arn`,
    [
      campaign.arn,
      campaign.name,
      campaign.datasetGroup,
      campaign.solutionArn,
      campaign.solutionVersionArn ?? null,
      campaign.settings,
      campaign.createdAt,
    ],
  );
  if (created.length === 0) throw new ResourceAlreadyExistsError(`There is a campaign "${campaign.name}" already.`);
}

export async function findCampaign(db: Queryable, arn: string): Promise<Campaign | undefined> {
  return (await select(db, 'where arn = $1', [arn]))[0];
}

/** All campaigns, or those of one dataset group, in order of their creation. */
export function listCampaigns(db: Queryable, datasetGroup?: DatasetGroupName): Promise<Campaign[]> {
  return select(db, 'where $1::text is null or dataset_group = $1 order by created_ms, name', [datasetGroup ?? null]);
}

/**
 * Lets a campaign serve a solution version from now on.
 * @throws ResourceNotFoundError where there is no such campaign
 */
export async function pointCampaign(
  db: Queryable,
  arn: string,
  solutionVersionArn: string,
  now: number,
): Promise<void> {
  const changed = await db.query(
    'update campaign set solution_version_arn = $2, updated_ms = $3 where arn = $1 returning arn',
    [arn, solutionVersionArn, now],
  );
  if (changed.length === 0) throw new ResourceNotFoundError(`There is no campaign "${arn}".`);
}

async function select(db: Queryable, rest: string, parameters: readonly unknown[]): Promise<Campaign[]> {
  const rows = await db.query<NullableRow<Campaign>>(`${SELECT} ${rest}`, parameters);
  return rows.map((row) => fromRow<Campaign>(row));
}
