-- Forgets what was revoked of an issuer and need not be kept any longer.
-- KEYS: 1 what was revoked of the issuer, 2 the index; ARGV: 1 issuer, 2 now
local all = redis.call('HGETALL', KEYS[1])
local purged, left, first = 0, 0, nil
for i = 1, #all, 2 do
  local keep = string.match(all[i + 1], '^%d* ([-%d]+)$')
  if not keep then
    return redis.error_reply('DAMAGED')
  end
  if keep ~= '-' and keep < ARGV[2] then
    redis.call('HDEL', KEYS[1], all[i])
    purged = purged + 1
  else
    left = left + 1
    if keep ~= '-' and (not first or keep < first) then
      first = keep
    end
  end
end
if left == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
elseif first then
  -- of nanoseconds since 10^21 before the epoch
  local millis = tonumber(string.sub(first, 1, -7)) - 1000000000000000
  redis.call('ZADD', KEYS[2], string.format('%d', millis), ARGV[1])
else
  redis.call('ZADD', KEYS[2], '+inf', ARGV[1])
end
return purged
