-- Times are milliseconds since the epoch, as the API's clients send them: exact, and the same in every time zone.

create table dataset_group (
  name text primary key,
  created_ms bigint not null
);

create table event_tracker (
  tracking_id text primary key,
  name text not null unique,
  dataset_group text not null references dataset_group,
  created_ms bigint not null
);

create table item (
  dataset_group text not null references dataset_group,
  item_id text not null,
  creation_ms bigint,
  metadata jsonb not null,
  primary key (dataset_group, item_id)
);

create table user_profile (
  dataset_group text not null references dataset_group,
  user_id text not null,
  metadata jsonb not null,
  primary key (dataset_group, user_id)
);

-- Imported interactions have no event id. Streamed ones have, and it makes a repeated event count once.
create table interaction (
  id bigint generated always as identity primary key,
  dataset_group text not null,
  event_id text,
  user_id text,
  session_id text,
  history_key text not null,
  event_type text not null,
  event_value double precision,
  item_id text,
  timestamp_ms bigint not null,
  received_ms bigint,
  bus_partition integer,
  bus_offset bigint,
  recommendation_id text,
  impression text[],
  properties jsonb
);
create unique index interaction_event on interaction (dataset_group, event_id) where event_id is not null;
create index interaction_history on interaction (dataset_group, history_key, timestamp_ms, id);

-- How far the archive has read each partition, written in the same transaction as the interactions.
create table archive_position (
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  primary key (topic, partition)
);

create table solution (
  arn text primary key,
  name text not null unique,
  dataset_group text not null references dataset_group,
  recipe_arn text not null,
  hyperparameters jsonb not null,
  created_ms bigint not null
);

create table solution_version (
  arn text primary key,
  solution_arn text not null references solution,
  dataset_group text not null references dataset_group,
  status text not null,
  failure_reason text,
  artifact_uri text,
  metrics jsonb,
  progress jsonb,
  created_ms bigint not null,
  updated_ms bigint not null
);

create table campaign (
  arn text primary key,
  name text not null unique,
  dataset_group text not null references dataset_group,
  solution_arn text not null references solution,
  solution_version_arn text references solution_version,
  settings jsonb not null,
  created_ms bigint not null,
  updated_ms bigint not null
);
