-- A record as it lies: MAGIC, the tag (32 bytes), when it expires (22 digits, or as many dashes),
-- the SHA-1 of the rest (40 digits of hex), and the rest. Whatever is not so is unreadable.
local MAGIC = 'DSR1'
local function tag_of(value)
  if string.sub(value, 1, 4) ~= MAGIC or #value < 98 then
    return nil
  end
  if redis.sha1hex(string.sub(value, 99)) ~= string.sub(value, 59, 98) then
    return nil
  end
  return string.sub(value, 5, 36)
end
local function is_as_expected(had, what, which)
  if what == 'any' then
    return true
  elseif what == 'absent' then
    return not had
  elseif not had then
    return false
  elseif what == 'tag' then
    return tag_of(had) == which
  end
  return redis.sha1hex(had) == which
end
