--[[
One change to one cart, the whole of it or nothing. Redis runs a script on its own, so nothing comes between.

A cart is one hash, so that its parts expire together and are evicted together:
  version   grows by one with each change
  lines     "KIT-001=2 TEA-004=1", in the order in which they were first added
  changes   the ids of the latest changes, oldest first, with a space between

ARGV: mode, change id, expected version or "", seconds to live, most pieces of a line, most lines, most ids to keep,
then a product and a quantity for each line. Answers: outcome, version, lines.
]]
local key = KEYS[1]
local mode, change_id, expected, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local max_pieces, max_lines, max_changes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local FIRST_LINE = 8

local cart = redis.call('HMGET', key, 'version', 'lines', 'changes')
local version, lines, changes = tonumber(cart[1] or 0), cart[2] or '', cart[3] or ''

-- Before the version: the change itself has moved it on.
if string.find(' ' .. changes .. ' ', ' ' .. change_id .. ' ', 1, true) then
  return {'made', version, lines}
end
if expected ~= '' and tonumber(expected) ~= version then
  return {'version-mismatch', version, lines}
end

local order, pieces = {}, {}
for sku, quantity in string.gmatch(lines, '(%S+)=(%d+)') do
  order[#order + 1] = sku
  pieces[sku] = tonumber(quantity)
end

for i = FIRST_LINE, #ARGV, 2 do
  local sku, quantity = ARGV[i], tonumber(ARGV[i + 1])
  local before = pieces[sku] or 0
  local after
  if mode == 'set' then
    after = quantity
  elseif mode == 'subtract' then
    after = math.max(before - quantity, 0)
  elseif mode == 'merge' then
    after = math.min(before + quantity, max_pieces)
  else
    after = before + quantity
  end
  if after > max_pieces then
    return {'too-many-pieces', version, lines}
  end
  if pieces[sku] == nil then
    order[#order + 1] = sku
  end
  pieces[sku] = after
end

local kept = {}
for _, sku in ipairs(order) do
  if pieces[sku] > 0 then
    kept[#kept + 1] = sku .. '=' .. pieces[sku]
  end
end
if #kept > max_lines then
  return {'too-many-lines', version, lines}
end

-- Each change adds one id, so the list is full from this version on, and the oldest gives way.
if version >= max_changes then
  changes = string.match(changes, ' (.*)') or ''
end
changes = changes == '' and change_id or changes .. ' ' .. change_id

version, lines = version + 1, table.concat(kept, ' ')
redis.call('HSET', key, 'version', version, 'lines', lines, 'changes', changes)
redis.call('EXPIRE', key, ttl)
return {'made', version, lines}
