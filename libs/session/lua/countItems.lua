-- Counts what happened to items in a part of one partition, unless some of it was counted before.
--
-- KEYS     popularity: sorted set; first: sorted set of first interactions; counts: hash of texts, each the doubles of
--          FORMAT; state: hash with latest, the latest interaction, the sums of both weights, and the next offset of each
--          partition
-- ARGV     the partition, its first offset here and the next one after these; 1 where to begin without a state; what is to
--          be added, the doubles of FORMAT for each item; then the items' ids
-- Returns  "counted"; "missing" where there is no state; else the partition's next offset: what is below was counted

local popularity, first, counts, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local partition, from, to, added = 'partition:' .. ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[5]

-- Interactions, their weight, impressions, the weights of impressions and clicks; the first interaction, infinity where
-- there is none, and the last, minus infinity. Text would take three times as long to read and write.
local FORMAT, BYTES = '<ddddddd', 56

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
local BEFORE_ITEMS = 5

local seen_weights, click_weights = 0, 0

local function count(from_item, to_item)
  local items = { unpack(ARGV, BEFORE_ITEMS + from_item, BEFORE_ITEMS + to_item) }
  local known = redis.call('HMGET', counts, unpack(items))
  local new_counts, new_scores, new_firsts = {}, {}, {}
  for index, item in ipairs(items) do
    local acted, weight, seen, seen_weight, click_weight, first_time, last_time =
      struct.unpack(FORMAT, added, BYTES * (from_item + index - 2) + 1)
    local has_acted = acted > 0
    local is_first = has_acted
    latest = math.max(latest, last_time)
    seen_weights, click_weights = seen_weights + seen_weight, click_weights + click_weight
    if known[index] then
      local had_acted, had_weight, had_seen, had_seen_weight, had_click_weight, had_first, had_last =
        struct.unpack(FORMAT, known[index])
      is_first = first_time < had_first
      acted, weight = acted + had_acted, weight + had_weight
      seen, seen_weight, click_weight = seen + had_seen, seen_weight + had_seen_weight, click_weight + had_click_weight
      first_time, last_time = math.min(first_time, had_first), math.max(last_time, had_last)
    end
    -- A sum of what was taken back again may lie below zero by its rounding.
    seen, seen_weight, click_weight = math.max(seen, 0), math.max(seen_weight, 0), math.max(click_weight, 0)
    new_counts[2 * index - 1] = item
    new_counts[2 * index] =
      struct.pack(FORMAT, acted, weight, seen, seen_weight, click_weight, first_time, last_time)
    if has_acted then
      new_scores[#new_scores + 1] = weight
      new_scores[#new_scores + 1] = item
    end
    if is_first then
      new_firsts[#new_firsts + 1] = first_time
      new_firsts[#new_firsts + 1] = item
    end
  end
  redis.call('HSET', counts, unpack(new_counts))
  if #new_scores > 0 then
    redis.call('ZADD', popularity, unpack(new_scores))
  end
  if #new_firsts > 0 then
    redis.call('ZADD', first, unpack(new_firsts))
  end
end

local item_count = #ARGV - BEFORE_ITEMS
for item = 1, item_count, ITEMS_A_COMMAND do
  count(item, math.min(item + ITEMS_A_COMMAND - 1, item_count))
end
if seen_weights ~= 0 or click_weights ~= 0 then
  local sums = redis.call('HMGET', state, 'impressions', 'clicks')
  local impressions, clicks = (sums[1] or 0) + seen_weights, (sums[2] or 0) + click_weights
  redis.call('HSET', state, 'impressions', math.max(impressions, 0), 'clicks', math.max(clicks, 0))
end
if latest > -math.huge then
  redis.call('HSET', state, 'latest', latest)
end
redis.call('HSET', state, partition, to)
return 'counted'
