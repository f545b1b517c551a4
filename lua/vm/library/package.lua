--- package: the searchers, and what a machine without files says of paths.

local vm = ...

local type, ipairs, error = type, ipairs, error
local gsub, gmatch, match = string.gsub, string.gmatch, string.match
local concat = table.concat
local math_type = math.type

local compile = vm.modules.compile

--- package.loaded: filled from the start with Lua's libraries, with our modules when they are first asked for.
local loaded = {}
vm.loaded = loaded

local preload

local PATH = concat({
  "/usr/local/share/lua/5.3/?.lua",
  "/usr/local/share/lua/5.3/?/init.lua",
  "/usr/local/lib/lua/5.3/?.lua",
  "/usr/local/lib/lua/5.3/?/init.lua",
  "./?.lua",
  "./?/init.lua",
}, ";")
local CPATH = concat({ "/usr/local/lib/lua/5.3/?.so", "/usr/local/lib/lua/5.3/loadall.so", "./?.so" }, ";")

local function text(value)
  return type(value) == "string" or math_type(value) ~= nil
end

--- What package.searchpath says of a machine without files: nil and the list of what was tried.
local function searchpath(name, path, separator, replacement)
  separator = separator == nil and "." or separator
  replacement = replacement == nil and "/" or replacement
  for i, value in ipairs({ name, path, separator, replacement }) do
    if not text(value) then
      error("bad argument #" .. i .. " to '?' (string expected, got " .. vm.typename(value) .. ")", 0)
    end
  end
  if separator ~= "" then
    -- escape the separator for the pattern, and the replacement for gsub
    name = gsub(name, (gsub(separator, "%W", "%%%0")), (gsub(replacement, "%%", "%%%%")))
  end
  local tried, n = {}, 0
  local shown = gsub(name, "%%", "%%%%")
  for template in gmatch(path, "[^;]+") do
    n = n + 1
    tried[n] = "\n\tno file '" .. gsub(template, "%?", shown) .. "'"
  end
  return nil, concat(tried)
end

local function checked(name)
  if type(name) == "string" then
    return name
  elseif math_type(name) then
    return name .. ""
  end
  error("bad argument #1 to '?' (string expected, got " .. (name == nil and "no value" or vm.typename(name)) .. ")", 0)
end

local package

local function search_preload(name)
  name = checked(name)
  local loader = preload[name]
  if loader == nil then
    return "\n\tno field package.preload['" .. name .. "']"
  end
  return loader
end

local function search_modules(name)
  name = checked(name)
  local loader, err = compile(name)
  if loader then
    return loader
  elseif err then
    error("error loading module '" .. name .. "':\n\t" .. err, 0)
  end
  return "module " .. name .. " not found"
end

--- A searcher for files, of which there are none.
local function file_searcher(field, shorten)
  return function(name)
    name = checked(name)
    if shorten then
      name = match(name, "^([^%.]*)%.")
      if not name then
        return nil
      end
    end
    local path = package[field]
    if type(path) ~= "string" then
      error("'package." .. field .. "' must be a string", 0)
    end
    local _, tried = searchpath(name, path)
    return tried
  end
end

preload = {}
package = {
  config = "/\n;\n?\n!\n-\n",
  cpath = CPATH,
  loaded = loaded,
  loadlib = function()
    return nil, "dynamic libraries not enabled; check your Lua installation", "absent"
  end,
  path = PATH,
  preload = preload,
  searchers = {
    search_preload,
    search_modules,
    file_searcher("path"),
    file_searcher("cpath"),
    file_searcher("cpath", true),
  },
  searchpath = searchpath,
}
vm.package, vm.preload = package, preload

vm.checked_name = checked
