-- Forgets a dataset group's statistics.
--
-- KEYS     the keys in use; then the generation, by which restorations under way notice

for place = 1, #KEYS - 1 do
  redis.call('UNLINK', KEYS[place])
end
redis.call('INCR', KEYS[#KEYS])
