-- Slots, relevant items and pools are arrays of arrays from here on (libs/database/src/slateRecords.ts), and `relevant` is null where the
-- slots say the same. Lists from before keep their objects; this view reads both.
alter table slate alter column relevant drop not null;

create view served_slot as
select
  dataset_group,
  campaign_arn,
  solution_version_arn,
  recommendation_id,
  user_id,
  served_ms,
  kind,
  place::integer,
  coalesce(slot ->> 0, slot ->> 'itemId') as item_id,
  coalesce(slot -> 1, slot -> 'score')::double precision as score,
  coalesce(slot -> 2, slot -> 'propensity', '1')::double precision as propensity,
  coalesce(slot ->> 3, slot ->> 'explored', '0')::boolean as explored
from slate
cross join lateral jsonb_array_elements(slots) with ordinality as each (slot, place);
