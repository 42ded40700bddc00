-- Keeps a device of an issuer. What has expired goes; of too many, the one that expires first.
-- KEYS: 1 the devices by identity; '#' counts logins
-- ARGV: 1 identity, 2 its end or '', 3 what is kept, 4 the caller's now, 5 how many, 6 margin
local all = redis.call('HGETALL', KEYS[1])
local now, room = tonumber(ARGV[4]), tonumber(ARGV[5])
local count, last, forever = 1, tonumber(ARGV[2]), ARGV[2] == ''
local kept = {}
for i = 1, #all, 2 do
  local id, value = all[i], all[i + 1]
  if id ~= '#' and id ~= ARGV[1] then
    local till = tonumber(string.match(value, '^%d+ (%-?%d+) '))
    if till and till < now then
      redis.call('HDEL', KEYS[1], id)
    else
      kept[#kept + 1] = {id, till}
      count = count + 1
      forever = forever or not till
      last = (till and last) and math.max(till, last) or till or last
    end
  end
end
local number = redis.call('HINCRBY', KEYS[1], '#', 1)
local till = ARGV[2] == '' and '-' or ARGV[2]
redis.call('HSET', KEYS[1], ARGV[1], number .. ' ' .. till .. ' ' .. ARGV[3])
kept[#kept + 1] = {ARGV[1], tonumber(ARGV[2])}
while count > room do
  local first = 1
  for i = 2, #kept do
    local one, other = kept[i][2], kept[first][2]
    if one and (not other or one < other) then
      first = i
    end
  end
  redis.call('HDEL', KEYS[1], kept[first][1])
  table.remove(kept, first)
  count = count - 1
end
if forever then
  redis.call('PERSIST', KEYS[1])
else
  local left = math.max(last - now, 0) + tonumber(ARGV[6])
  redis.call('PEXPIRE', KEYS[1], string.format('%d', left))
end
return 1
