---@meta

---A package of the registry that is installed.
---@class apm.Package
---@field name string Its name.
---@field version string Its version.
---@field registry string The process that it came from.

---A client of a package registry, which is another process. `require(".apm")` adds it, the global `apm`, and its handlers.
---@class apm
---@field _version string The version of this module.
---@field registry? string The process id of the registry. It must be set before anything is asked.
---@field installed table<string, { version: string, registry: string }> The packages that are installed, by name.
---@field pending table<string, table> What was asked and not answered yet, by the reference of the request.
apm = {}

---Looks for packages. What the registry finds is printed when its answer comes.
---@param query? string Words to look for; all packages when left out.
function apm.search(query) end

---Installs a package. It can be required, as `name` or `.name`, when the registry's answer has come.
---@param spec string `name`, or `name@version`.
function apm.install(spec) end

---Asks for the newest version of one package, or of all.
---@param name? string The package; all when left out.
function apm.update(name) end

---Forgets a package. What its code has done stays.
---@param name string The package.
function apm.uninstall(name) end

---What is installed.
---@return apm.Package[] packages The packages, by name.
function apm.list() end

return apm
