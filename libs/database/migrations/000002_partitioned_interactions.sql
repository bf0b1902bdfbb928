-- Interactions are partitioned by time; docs/decisions/0008-partitioned-interactions.md says why and how.

alter table interaction rename to interaction_unpartitioned;

-- Identity columns of partitioned tables differ between Postgres 15 and 17; a sequence is the same in all.
create sequence interaction_number as bigint;

create table interaction (
  id bigint not null default nextval('interaction_number'),
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
) partition by range (timestamp_ms);
alter sequence interaction_number owned by interaction.id;

-- What no other partition takes. It stays small, because adding a partition reads all of it.
create table interaction_default partition of interaction default;

-- All that is older than this month, imports above all.
do $$
declare
  this_month timestamp := date_trunc('month', now() at time zone 'UTC');
begin
  execute format(
    'create table interaction_before_%s partition of interaction for values from (minvalue) to (%s)',
    to_char(this_month, 'YYYY_MM'), (extract(epoch from this_month) * 1000)::bigint
  );
end
$$;

-- The event ids of a dataset group, each once, whatever its time. Imported interactions have none. They are compared for
-- equality alone, which is cheapest byte by byte.
create table interaction_event_id (
  dataset_group text collate "C" not null,
  event_id text collate "C" not null,
  primary key (dataset_group, event_id)
);

insert into interaction_event_id (dataset_group, event_id)
select dataset_group, event_id from interaction_unpartitioned where event_id is not null;

insert into interaction
select id, dataset_group, event_id, user_id, session_id, history_key, event_type, event_value, item_id, timestamp_ms,
  received_ms, bus_partition, bus_offset, recommendation_id, impression, properties
from interaction_unpartitioned;

select setval('interaction_number', coalesce(max(id), 0) + 1, false) from interaction_unpartitioned;
drop table interaction_unpartitioned;

create index interaction_history on interaction (dataset_group, history_key, timestamp_ms, id);
