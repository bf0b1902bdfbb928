-- Every list that was served, with all that it takes to fill it again and to judge other policies by it:
-- docs/decisions/0018-slate-log.md. Messages that come twice carry the same time, so the key keeps them apart within
-- one partition.
create table slate (
  recommendation_id text collate "C" not null,
  served_ms bigint not null,
  dataset_group text not null,
  campaign_arn text not null,
  solution_version_arn text not null,
  user_id text,
  kind text not null,
  policy jsonb not null,
  relevant jsonb not null,
  pool jsonb not null,
  pool_eligible integer not null,
  click_rate double precision not null,
  slots jsonb not null,
  context jsonb,
  degraded boolean not null,
  primary key (recommendation_id, served_ms)
) partition by range (served_ms);

create table slate_default partition of slate default;

do $$
declare
  this_month timestamp := date_trunc('month', now() at time zone 'UTC');
begin
  execute format(
    'create table slate_before_%s partition of slate for values from (minvalue) to (%s)',
    to_char(this_month, 'YYYY_MM'), (extract(epoch from this_month) * 1000)::bigint
  );
end
$$;

create index slate_of_campaign on slate (campaign_arn, served_ms);
create index slate_of_user on slate (dataset_group, user_id);

-- The events that answer a list.
create index interaction_answer on interaction (recommendation_id) where recommendation_id is not null;
