-- Which challenges were used up, and for whom.
-- KEYS: 1 the state, 2 the challenge
-- ARGV: 1 the engine's run, 2 the memory that the caller knows, 3 a fresh name for a new one,
--       4 margin, 5 most difference of clocks or -1, 6 the challenge's end, 7 the caller's now,
--       8 for whom, 9 how long challenges live, 10 whether the engine keeps what it was told
local time = redis.call('TIME')
local engine = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'run', 'id', 'begin', 'ahead', 'lost')
local id, begin, ahead, lost = state[2], tonumber(state[3]), tonumber(state[4]), tonumber(state[5])
local function set(...)
  redis.call('HSET', KEYS[1], ...)
end
local keeps = ARGV[10] == '1'
if state[1] ~= ARGV[1] or not id or not begin then
  if id and not keeps then
    lost = engine
    set('lost', string.format('%d', engine))
  end
  if not (id and keeps) then
    id = ARGV[3]
  end
  begin = engine
  set('run', ARGV[1], 'id', id, 'begin', string.format('%d', begin))
end
if ARGV[2] ~= '' and ARGV[2] ~= id and (not lost or lost < begin) then
  -- this caller knew a memory that is there no more
  lost = begin
  set('lost', string.format('%d', begin))
end
local had = redis.call('GET', KEYS[2])
if had then
  return {id, had == ARGV[8] and 1 or 2}
end
local margin, most = tonumber(ARGV[4]), tonumber(ARGV[5])
local till, now = tonumber(ARGV[6]), tonumber(ARGV[7])
local offset = now - engine
if most >= 0 and math.abs(offset) > most then
  return {id, 3, string.format('%d', offset)}
end
local rounded = math.ceil(offset / 1000) * 1000
if not ahead or rounded > ahead then
  ahead = rounded
  set('ahead', string.format('%d', ahead))
end
if till <= engine + ahead - margin or till + margin <= now then
  return {id, 2}
end
if lost and till < lost + offset + tonumber(ARGV[9]) then
  return {id, 2}
end
redis.call('SET', KEYS[2], ARGV[8], 'PX', string.format('%d', till - now + margin))
return {id, 0}
