-- Records what was revoked of an issuer. Nothing becomes smaller or shorter.
-- KEYS: 1 what was revoked of the issuer, 2 the index, by the first time at which something is over
-- ARGV: 1 issuer, then for each entry: field, time up to which all ends or '', until when it is
--       kept or '-', the same in milliseconds or '+inf'. Times have as many digits as each other.
--       Last, until when the caller waits.
local function later(one, other)
  if one == '-' or other == '-' then
    return '-'
  end
  return one < other and other or one
end
for i = 2, #ARGV - 1, 4 do
  local field, time, keep, score = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local had = redis.call('HGET', KEYS[1], field)
  if had then
    local had_time, had_keep = string.match(had, '^(%d*) ([-%d]+)$')
    if not had_time then
      return redis.error_reply('DAMAGED')
    end
    if had_time > time then
      time = had_time
    end
    keep = later(had_keep, keep)
  end
  redis.call('HSET', KEYS[1], field, time .. ' ' .. keep)
  redis.call('ZADD', KEYS[2], 'LT', score, ARGV[1])
end
return 1
