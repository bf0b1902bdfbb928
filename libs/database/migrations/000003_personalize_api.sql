-- What the Personalize API keeps of its resources. `definition` and `config` hold the members of the request that made
-- the resource, as the API writes them; columns hold what queries look for. The ARNs of dataset groups and event trackers
-- follow from their names.

alter table dataset_group
  add column definition jsonb not null default '{}',
  add column updated_ms bigint;
update dataset_group set updated_ms = created_ms;
alter table dataset_group alter column updated_ms set not null;

create table dataset_schema (
  arn text primary key,
  name text not null unique,
  -- Avro, as JSON text, exactly as it was given.
  schema text not null,
  created_ms bigint not null
);

create table dataset (
  arn text primary key,
  name text not null,
  dataset_group text not null references dataset_group,
  kind text not null check (kind in ('interactions', 'items', 'users')),
  schema_arn text not null references dataset_schema,
  -- The latest UpdateDataset, as the API shows it.
  latest_update jsonb,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (dataset_group, kind)
);

-- Jobs on datasets: imports, exports and deletions.
create table dataset_job (
  arn text primary key,
  kind text not null check (kind in ('import', 'export', 'deletion')),
  name text not null,
  dataset_group text not null references dataset_group,
  -- Absent for deletions, which go through all datasets of the group.
  dataset_arn text references dataset on delete cascade,
  status text not null,
  failure_reason text,
  definition jsonb not null,
  progress jsonb,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (kind, name)
);

-- Whether PutItems or PutUsers wrote the row last: exports tell these from imported ones, and imports leave them.
alter table item add column put boolean not null default false;
alter table user_profile add column put boolean not null default false;

alter table event_tracker add column updated_ms bigint;
update event_tracker set updated_ms = created_ms;
alter table event_tracker alter column updated_ms set not null;

alter table solution
  add column definition jsonb not null default '{}',
  add column latest_update jsonb,
  add column updated_ms bigint;
update solution set
  updated_ms = created_ms,
  definition = jsonb_build_object('solutionConfig', jsonb_build_object('algorithmHyperParameters', hyperparameters));
alter table solution
  alter column updated_ms set not null,
  drop column hyperparameters;

-- A version keeps the settings of its solution as they were when it was made.
alter table solution_version
  add column name text,
  add column training_mode text not null default 'FULL' check (training_mode in ('FULL', 'UPDATE')),
  add column training_type text not null default 'MANUAL' check (training_type in ('MANUAL', 'AUTOMATIC')),
  -- The version whose weights an update starts from, and the full training at the root of its line.
  add column base_arn text references solution_version,
  add column full_arn text references solution_version,
  add column definition jsonb not null default '{}',
  -- How far the data had come when it was read for the training.
  add column data_mark jsonb,
  add column training_seconds double precision,
  -- Why no campaign moved to it by itself, where that was decided.
  add column not_deployed_reason text;
update solution_version set full_arn = arn,
  definition = (select definition from solution where solution.arn = solution_version.solution_arn);
alter table solution_version alter column full_arn set not null;
-- The table was the queue of trainings until now; nothing would take these up.
update solution_version set status = 'CREATE FAILED',
  failure_reason = 'Attune was brought up to date while this training was waiting or in progress. Create a version anew.'
  where status in ('CREATE PENDING', 'CREATE IN_PROGRESS');
-- One training at a time that nobody asked for.
create unique index solution_version_automatic on solution_version (solution_arn)
  where training_type = 'AUTOMATIC' and status in ('CREATE PENDING', 'CREATE IN_PROGRESS');

alter table campaign
  add column config jsonb not null default '{}',
  add column min_provisioned_tps integer not null default 1,
  -- Whether it moves to every new version of its solution (`/$LATEST`), or only to updates of the version it serves.
  add column follows_latest boolean not null default true,
  add column latest_update jsonb;

create table resource_tag (
  resource_arn text not null,
  key text not null,
  value text not null,
  primary key (resource_arn, key)
);
