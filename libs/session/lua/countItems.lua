-- Counts what happened to items in a part of one partition, unless some of it was counted before.
--
-- KEYS     popularity: sorted set; first: sorted set of first interactions; counts: hash of texts "interactions
--          impressions [first last]"; state: hash with latest, the latest interaction, and the next offset of each
--          partition
-- ARGV     the partition, its first offset here and the next one after these; 1 where to begin without a state;
--          then for each item its id, interactions, their weight, impressions, first and last, both empty without
--          interactions
-- Returns  "counted"; "missing" where there is no state; else the partition's next offset: what is below was counted

local popularity, first, counts, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local partition, from, to = 'partition:' .. ARGV[1], tonumber(ARGV[2]), ARGV[3]

if redis.call('EXISTS', state) == 0 then
  if ARGV[4] ~= '1' then
    return 'missing'
  end
  redis.call('HSET', state, 'held', 1)
end
local position = redis.call('HGET', state, partition)
if position and tonumber(position) > from then
  return position
end

local latest = tonumber(redis.call('HGET', state, 'latest') or '-inf')
for place = 5, #ARGV, 6 do
  local item, interactions, weight, impressions = ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3]
  local from_time, to_time = tonumber(ARGV[place + 4]), tonumber(ARGV[place + 5])
  local known = redis.call('HGET', counts, item) or '0 0'
  local acted, seen, first_time, last_time = string.match(known, '^(%d+) (%d+) ?(%-?%d*) ?(%-?%d*)$')
  acted, seen = acted + interactions, seen + impressions
  if from_time then
    first_time = math.min(tonumber(first_time) or from_time, from_time)
    last_time = math.max(tonumber(last_time) or to_time, to_time)
    latest = math.max(latest, to_time)
    redis.call('ZINCRBY', popularity, weight, item)
    redis.call('ZADD', first, string.format('%.0f', first_time), item)
  end
  local text = string.format('%.0f %.0f', acted, seen)
  if acted > 0 then
    text = text .. string.format(' %.0f %.0f', first_time, last_time)
  end
  redis.call('HSET', counts, item, text)
end
if latest > -math.huge then
  redis.call('HSET', state, 'latest', string.format('%.0f', latest))
end
redis.call('HSET', state, partition, to)
return 'counted'
