-- Whoever asked waits until the last of ARGV, in milliseconds of this clock, and no longer: what
-- begins later does nothing, and answers LATE.
do
  local time = redis.call('TIME')
  if time[1] * 1000 + math.floor(time[2] / 1000) >= tonumber(ARGV[#ARGV]) then
    return redis.status_reply('LATE')
  end
end
