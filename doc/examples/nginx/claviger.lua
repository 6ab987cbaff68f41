-- Asks Claviger about the API key of each request, over the socket for local services.
--
--   access_by_lua_block { require("claviger").check("read:policies:admin") }
--
-- lets a request pass if its key is valid and has all the scopes, and otherwise ends it with 401, 403, 429 or 503.
-- The key itself is neither logged nor handed on.

local cjson = require "cjson.safe"

local M = {
  socket = "unix:/run/claviger/io.claviger.Verify",
  timeout = 2000, -- milliseconds, for each of connect, send and receive
  idle = 60000, -- how long an unused connection is kept, in milliseconds
  pool = 32, -- how many of them each worker keeps
}

local REALM = 'Bearer realm="claviger"'
local INVALID = REALM .. ', error="invalid_token"'

-- What each code of io.claviger.Verify means in HTTP; every code that is not here is invalid_token.
local ANSWERS = {
  insufficient_scope = { 403, REALM .. ', error="insufficient_scope"' },
  caller_denied = { 403 },
  network_denied = { 403 },
  rate_limited = { 429, nil, 10 },
  exhausted = { 429, nil, 60 },
  unavailable = { 503, nil, 1 },
}

local function refuse(status, challenge, retry_after)
  ngx.header["WWW-Authenticate"] = challenge
  ngx.header["Retry-After"] = retry_after
  return ngx.exit(status)
end

-- The key of this request, or nil. Two of a header are none: nobody could say which one counts.
local function presented_key()
  local headers = ngx.req.get_headers(0)
  local bearer, plain = headers["Authorization"], headers["X-Api-Key"]
  if type(bearer) == "table" or type(plain) == "table" or (bearer and plain) then return nil, true end
  if plain then return plain end
  return bearer and bearer:match("^[Bb][Ee][Aa][Rr][Ee][Rr] +(%S+) *$"), bearer ~= nil
end

-- One call and its reply, by a connection of the pool. A pooled one may have been closed by a restart of the daemon
-- just now, so what fails on such a one is asked again; a verification changes nothing.
local function call(frame)
  while true do
    local connection = ngx.socket.tcp()
    connection:settimeout(M.timeout)
    local done, problem = connection:connect(M.socket, { pool = "claviger", pool_size = M.pool })
    if not done then return nil, "cannot connect to " .. M.socket .. ": " .. problem end
    local reused = connection:getreusedtimes() > 0
    local reply
    done, problem = connection:send(frame)
    if done then reply, problem = connection:receiveuntil("\0")() end
    if reply then
      connection:setkeepalive(M.idle, M.pool)
      return reply
    end
    connection:close()
    if not reused or problem == "timeout" then return nil, "no reply from " .. M.socket .. ": " .. problem end
  end
end

local function verify(key, scopes)
  local parameters = { key = key, remote_address = ngx.var.remote_addr:match("^[%x.:]+$") }
  if #scopes > 0 then parameters.scopes = scopes end
  local frame = cjson.encode({ method = "io.claviger.Verify.Verify", parameters = parameters })
  local reply, problem = call(frame .. "\0")
  if not reply then return nil, problem end
  local answer = cjson.decode(reply)
  if type(answer) ~= "table" then return nil, "the reply is not JSON" end
  if answer.error then return nil, "the daemon answers " .. tostring(answer.error) end
  return answer.parameters
end

-- Ends the request unless its key is valid for all `scopes`.
function M.check(...)
  local key, tried = presented_key()
  if not key then return refuse(401, tried and INVALID or REALM) end
  -- No key has other characters or more of them, and what is no UTF-8 must not reach the daemon.
  if #key > 128 or key:find("[^%w_:-]") then return refuse(401, INVALID) end
  local verdict, problem = verify(key, { ... })
  if not verdict then
    ngx.log(ngx.ERR, "claviger: ", problem)
    return refuse(503, nil, 1)
  end
  if verdict.valid ~= true then
    local answer = ANSWERS[verdict.code] or { 401, INVALID }
    ngx.log(ngx.NOTICE, "claviger: ", verdict.code, " key_id=", tostring(verdict.key_id or "-"))
    return refuse(unpack(answer, 1, 3))
  end
  -- What the client sent under these names is replaced in any case.
  ngx.req.clear_header("Authorization")
  ngx.req.clear_header("X-Api-Key")
  ngx.req.set_header("X-Key-Id", verdict.key_id)
  ngx.req.set_header("X-Key-Owner", ngx.escape_uri(verdict.owner))
  ngx.req.set_header("X-Key-Scopes", type(verdict.scopes) == "table" and table.concat(verdict.scopes, " ") or "-")
end

return M
