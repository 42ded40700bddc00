-- Which proofs were used. The engine's clock is the one by which keys expire, the callers' clocks
-- are those by which proofs end; `ahead` is by how much a caller's was ahead of the engine's at most.
-- KEYS: 1 the state, 2.. one for each proof
-- ARGV: 1 the engine's run, 2 the memory that the caller knows, 3 a fresh name for a new one,
--       4 margin, 5 most difference of clocks or -1, then for each proof its end and the caller's now
local time = redis.call('TIME')
local engine = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'run', 'id', 'begin', 'ahead')
local id, begin, ahead = state[2], tonumber(state[3]), tonumber(state[4])
if state[1] ~= ARGV[1] or not id or not begin then
  id, begin = ARGV[3], engine
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'id', id, 'begin', begin)
end
local answer = {engine, id, begin}
if id ~= ARGV[2] then
  return answer
end
local margin, most = tonumber(ARGV[4]), tonumber(ARGV[5])
-- not SET with NX alone: an engine that is full refuses it, and must still know what was used
for i = 2, #KEYS do
  local till, now = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
  local offset = now - engine
  local said
  if redis.call('EXISTS', KEYS[i]) == 1 then
    said = 1
  elseif most >= 0 and math.abs(offset) > most then
    said = 3
  else
    local rounded = math.ceil(offset / 1000) * 1000
    if not ahead or rounded > ahead then
      ahead = rounded
      redis.call('HSET', KEYS[1], 'ahead', string.format('%d', ahead))
    end
    if till <= engine + ahead - margin or till + margin <= now then
      said = 2
    else
      redis.call('SET', KEYS[i], '', 'PX', string.format('%d', till - now + margin))
      said = 0
    end
  end
  answer[#answer + 1] = said
end
return answer
