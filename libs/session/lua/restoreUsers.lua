-- Keeps what the archive holds of users, where there is no state.
--
-- KEYS     the users' hashes, as applyEvents.lua keeps them
-- ARGV     seconds until a state is forgotten; then for each user origin, events and items

for place, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 0 then
    local origin, events, items = ARGV[3 * place - 1], ARGV[3 * place], ARGV[3 * place + 1]
    redis.call('HSET', key, 'origin', origin, 'events', events, 'items', items)
    redis.call('EXPIRE', key, ARGV[1])
  end
end
