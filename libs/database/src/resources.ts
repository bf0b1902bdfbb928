import type { Queryable } from './database';

/** Whether there is a dataset, job, solution, solution version or campaign of this ARN. */
export async function isResource(db: Queryable, arn: string): Promise<boolean> {
  const tables = ['dataset', 'dataset_job', 'solution', 'solution_version', 'campaign'];
  const rows = await db.query(tables.map((table) => `select 1 from ${table} where arn = $1`).join(' union all '), [
    arn,
  ]);
  return rows.length > 0;
}
