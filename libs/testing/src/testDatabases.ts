import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { ServerAddress } from './serverAddress';

/** What a database of a test begins as. */
export interface DatabaseTemplate {
  /** Tells one template from another: it must change with what `prepare` does, for example a hash of the migrations. */
  name: string;
  /** Fills an empty database, and disconnects from it. */
  prepare(url: string): Promise<void>;
}

/** Creates and drops databases on one server. */
export class TestDatabases {
  private readonly created: string[] = [];

  constructor(private readonly server: ServerAddress) {}

  /** @returns the new database's URL */
  async create(name: string, template?: DatabaseTemplate): Promise<string> {
    await this.connected(async (client) => {
      const copied = template ? await this.prepared(client, template) : 'template1';
      await client.query(`create database ${name} template ${copied}`);
    });
    this.created.push(name);
    return this.urlOf(name);
  }

  async dropAll(): Promise<void> {
    const names = this.created.splice(0);
    if (names.length === 0) return;
    await this.connected(async (client) => {
      for (const name of names) await client.query(`drop database if exists ${name} with (force)`);
    });
  }

  /** Prepares the template once per server: others who want it wait. One whose preparation broke off is made anew. */
  private async prepared(client: Client, { name, prepare }: DatabaseTemplate): Promise<string> {
    const template = `attune_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
    await client.query('select pg_advisory_lock(hashtext($1))', [template]);
    const { rows } = await client.query('select from pg_database where datname = $1 and datistemplate', [template]);
    if (rows.length === 0) {
      await client.query(`drop database if exists ${template} with (force)`);
      await client.query(`create database ${template}`);
      await prepare(this.urlOf(template));
      await client.query(`alter database ${template} is_template true`);
    }
    await client.query('select pg_advisory_unlock(hashtext($1))', [template]);
    return template;
  }

  private async connected(work: (client: Client) => Promise<void>): Promise<void> {
    const { url, ca } = this.server;
    const client = new Client({ connectionString: url, ...(ca !== undefined && { ssl: { ca } }) });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }

  private urlOf(database: string): string {
    const url = new URL(this.server.url);
    url.pathname = `/${database}`;
    return url.href;
  }
}
