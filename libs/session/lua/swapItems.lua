-- Puts a dataset group's statistics, made aside, in the place of those that are there.
--
-- KEYS     the keys in use, then as many made aside, in the same order, the state last of each; then the generation
-- ARGV     the generation in which the statistics were read, where only absent ones are to be replaced

local half = (#KEYS - 1) / 2
local replaces = true
if ARGV[1] then
  local generation = redis.call('GET', KEYS[#KEYS]) or '0'
  replaces = redis.call('EXISTS', KEYS[half]) == 0 and generation == ARGV[1]
end
for place = 1, half do
  local used, aside = KEYS[place], KEYS[half + place]
  if not replaces then
    redis.call('UNLINK', aside)
  elseif redis.call('EXISTS', aside) == 1 then
    redis.call('RENAME', aside, used)
    redis.call('PERSIST', used)
  else
    redis.call('UNLINK', used)
  end
end
