-- Counts what happened to items in a part of one partition, unless some of it was counted before.
--
-- KEYS     popularity: sorted set; first: sorted set of first interactions; counts: hash of texts "interactions
--          impressions impression-weight click-weight [first last]"; state: hash with latest, the latest interaction, the
--          sums of both weights, and the next offset of each partition
-- ARGV     the partition, its first offset here and the next one after these; 1 where to begin without a state;
--          then for each item its id, interactions, their weight, impressions, the weights of impressions and clicks,
--          first and last, both empty without interactions
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

-- A command costs more than what it does to one item, so many share one. Lua can't unpack more than some thousands.
local ITEMS_A_COMMAND = 1000

-- Seventeen digits hold a double, and a sum of what was taken back again may lie below zero by its rounding.
local function weight_text(weight)
  return string.format('%.17g', math.max(weight, 0))
end

local seen_weights, click_weights = 0, 0

local function count(from_place, to_place)
  local items = {}
  for place = from_place, to_place, 8 do
    items[#items + 1] = ARGV[place]
  end
  local known = redis.call('HMGET', counts, unpack(items))
  local scores = redis.call('ZMSCORE', popularity, unpack(items))
  local new_counts, new_scores, new_firsts = {}, {}, {}
  for index, item in ipairs(items) do
    local place = from_place + 8 * (index - 1)
    local from_time, to_time = tonumber(ARGV[place + 6]), tonumber(ARGV[place + 7])
    local acted, seen, seen_weight, click_weight, first_time, last_time =
      string.match(known[index] or '0 0 0 0', '^(%d+) (%d+) (%S+) (%S+) ?(%-?%d*) ?(%-?%d*)$')
    acted = acted + ARGV[place + 1]
    -- Most events are about an item that nobody reported as seen: writing out two doubles would cost more than all the rest.
    if ARGV[place + 3] ~= '0' or ARGV[place + 4] ~= '0' or ARGV[place + 5] ~= '0' then
      seen = string.format('%d', math.max(seen + ARGV[place + 3], 0))
      seen_weight, click_weight = weight_text(seen_weight + ARGV[place + 4]), weight_text(click_weight + ARGV[place + 5])
      seen_weights, click_weights = seen_weights + ARGV[place + 4], click_weights + ARGV[place + 5]
    end
    first_time, last_time = tonumber(first_time), tonumber(last_time)
    if from_time then
      if not first_time or from_time < first_time then
        first_time = from_time
        new_firsts[#new_firsts + 1] = string.format('%d', first_time)
        new_firsts[#new_firsts + 1] = item
      end
      last_time = math.max(last_time or to_time, to_time)
      latest = math.max(latest, to_time)
      new_scores[#new_scores + 1] = tonumber(scores[index] or 0) + ARGV[place + 2]
      new_scores[#new_scores + 1] = item
    end
    new_counts[#new_counts + 1] = item
    new_counts[#new_counts + 1] = acted > 0
        and string.format('%d %s %s %s %d %d', acted, seen, seen_weight, click_weight, first_time, last_time)
      or string.format('%d %s %s %s', acted, seen, seen_weight, click_weight)
  end
  redis.call('HSET', counts, unpack(new_counts))
  if #new_scores > 0 then
    redis.call('ZADD', popularity, unpack(new_scores))
  end
  if #new_firsts > 0 then
    redis.call('ZADD', first, unpack(new_firsts))
  end
end

for place = 5, #ARGV, 8 * ITEMS_A_COMMAND do
  count(place, math.min(place + 8 * ITEMS_A_COMMAND - 8, #ARGV))
end
if seen_weights ~= 0 or click_weights ~= 0 then
  local sums = redis.call('HMGET', state, 'impressions', 'clicks')
  redis.call(
    'HSET',
    state,
    'impressions',
    weight_text((sums[1] or 0) + seen_weights),
    'clicks',
    weight_text((sums[2] or 0) + click_weights)
  )
end
if latest > -math.huge then
  redis.call('HSET', state, 'latest', string.format('%d', latest))
end
redis.call('HSET', state, partition, to)
return 'counted'
