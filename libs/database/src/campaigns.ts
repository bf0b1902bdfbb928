import { type DatasetGroupName, ResourceAlreadyExistsError, ResourceNotFoundError } from '@attune/domain';
import type { Queryable } from './database';
import { type Page, pageClause } from './page';
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
  /** What inference reads beyond the API's own configuration. */
  settings: JsonObject;
  /** `campaignConfig`, as the API writes it. */
  config: JsonObject;
  /** Kept and reported; it reserves nothing. */
  minProvisionedTps: number;
  /** Whether it moves to every new version of its solution, or only to updates of the version it serves. */
  followsLatest: boolean;
  /** The latest UpdateCampaign, as the API shows it, without its status. */
  latestUpdate?: JsonObject;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
}

type NewCampaign = Omit<
  Campaign,
  'settings' | 'config' | 'minProvisionedTps' | 'followsLatest' | 'latestUpdate' | 'updatedAt'
> &
  Partial<Pick<Campaign, 'settings' | 'config' | 'minProvisionedTps' | 'followsLatest'>>;

/** What UpdateCampaign may change. */
export type CampaignChange = Pick<
  Campaign,
  'solutionArn' | 'solutionVersionArn' | 'config' | 'minProvisionedTps' | 'followsLatest' | 'latestUpdate'
>;

const SELECT = `select arn, name, dataset_group as "datasetGroup", solution_arn as "solutionArn",
  solution_version_arn as "solutionVersionArn", settings, config, min_provisioned_tps as "minProvisionedTps",
  follows_latest as "followsLatest", latest_update as "latestUpdate", created_ms as "createdAt",
  updated_ms as "updatedAt" from campaign`;

/** @throws ResourceAlreadyExistsError */
export async function createCampaign(db: Queryable, campaign: NewCampaign): Promise<void> {
  const { settings = {}, config = {}, minProvisionedTps = 1, followsLatest = true } = campaign;
  const created = await db.query(
    `insert into campaign
       (arn, name, dataset_group, solution_arn, solution_version_arn, settings, config, min_provisioned_tps,
        follows_latest, created_ms, updated_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict do nothing returning arn`,
    [
      campaign.arn,
      campaign.name,
      campaign.datasetGroup,
      campaign.solutionArn,
      campaign.solutionVersionArn ?? null,
      settings,
      config,
      minProvisionedTps,
      followsLatest,
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
  return select(db, 'where $1::text is null or dataset_group = $1 order by created_ms, arn', [datasetGroup ?? null]);
}

/** The campaigns on the versions of a solution, in order of their creation. */
export function listCampaignsOfSolution(db: Queryable, solutionArn: string): Promise<Campaign[]> {
  return select(db, 'where solution_arn = $1 order by created_ms, arn', [solutionArn]);
}

/** A page of all campaigns, or of those of one solution, in order of their creation. */
export function pageOfCampaigns(db: Queryable, solutionArn: string | undefined, page: Page): Promise<Campaign[]> {
  const { sql, parameters } = pageClause({ solution_arn: solutionArn }, page);
  return select(db, sql, parameters);
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

/** Changes a campaign as UpdateCampaign asks. */
export async function updateCampaign(db: Queryable, arn: string, change: CampaignChange, now: number): Promise<void> {
  await db.query(
    `update campaign set solution_arn = $2, solution_version_arn = $3, config = $4, min_provisioned_tps = $5,
       follows_latest = $6, latest_update = $7, updated_ms = $8
     where arn = $1`,
    [
      arn,
      change.solutionArn,
      change.solutionVersionArn ?? null,
      change.config,
      change.minProvisionedTps,
      change.followsLatest,
      change.latestUpdate ?? null,
      now,
    ],
  );
}

export async function deleteCampaign(db: Queryable, arn: string): Promise<void> {
  await db.query('delete from campaign where arn = $1', [arn]);
}

async function select(db: Queryable, rest: string, parameters: readonly unknown[]): Promise<Campaign[]> {
  const rows = await db.query<NullableRow<Campaign>>(`${SELECT} ${rest}`, parameters);
  return rows.map((row) => fromRow<Campaign>(row));
}
