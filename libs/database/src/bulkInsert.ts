/** A column of a bulk insert. `text[]` and `jsonb` values travel as JSON text: SQL has no array of unequal arrays. */
export interface BulkColumn<Row> {
  name: string;
  type: 'text' | 'integer' | 'bigint' | 'boolean' | 'double precision' | 'text[]' | 'jsonb';
  /** The row's value; undefined is stored as null. */
  of(row: Row): unknown;
}

/**
 * The SQL and the parameters that insert many rows by one statement, in their order: an array per column. PGlite takes
 * 100,000 rows in 0.3 s so, against 20 s one by one.
 * @param conflictClause what follows the `select`, for example `on conflict do nothing`
 */
export function bulkInsert<Row>(
  table: string,
  columns: readonly BulkColumn<Row>[],
  rows: readonly Row[],
  conflictClause = '',
): { sql: string; parameters: unknown[] } {
  const names = columns.map((column) => column.name).join(', ');
  const arrays = columns.map((column, index) => `$${index + 1}::${travelsAsJson(column) ? 'text' : column.type}[]`);
  return {
    sql: `insert into ${table} (${names})
      select ${columns.map(expression).join(', ')}
      from unnest(${arrays.join(', ')}) with ordinality as given (${names}, place)
      order by place
      ${conflictClause}`,
    parameters: columns.map((column) => rows.map((row) => parameter(column, row))),
  };
}

function travelsAsJson(column: BulkColumn<never>): boolean {
  return column.type === 'jsonb' || column.type === 'text[]';
}

function expression({ name, type }: BulkColumn<never>): string {
  if (type === 'jsonb') return `${name}::jsonb`;
  if (type === 'text[]') {
    return `case when ${name} is not null then array(select jsonb_array_elements_text(${name}::jsonb)) end`;
  }
  return name;
}

function parameter<Row>(column: BulkColumn<Row>, row: Row): unknown {
  const value = column.of(row) ?? null;
  return value !== null && travelsAsJson(column) ? JSON.stringify(value) : value;
}
