-- Removes the records of an issuer that expired before a time; answers how many.
-- KEYS: 1 the records of the issuer by profile, 2 the index of issuers; ARGV: 1 the issuer, 2 when
local all = redis.call('HGETALL', KEYS[1])
local purged = 0
for i = 1, #all, 2 do
  local value = all[i + 1]
  local till = string.sub(value, 37, 58)
  if tag_of(value) and string.match(till, '^%d+$') and till < ARGV[2] then
    purged = purged + redis.call('HDEL', KEYS[1], all[i])
  end
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return purged
