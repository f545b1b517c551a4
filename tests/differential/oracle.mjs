// A published module behind two pipes: each line in is one JSON message, each line out is {"result"} or {"crash"}.
// A message whose result has an Error, and one that makes the module crash, leave no trace.
// Usage: node --experimental-wasm-memory64 oracle.mjs FOLDER MODULE FORMAT ENVIRONMENT
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const [folder, name, format, environment] = process.argv.slice(2)
// The loader lies beside the modules, not beside this file.
const AoLoader = createRequire(join(resolve(folder), 'package.json'))('@permaweb/ao-loader')
const code = await readFile(join(folder, 'modules', `${name}.wasm`))
const env = JSON.parse(environment)

let state = null
let evaluate = await AoLoader(code, { format })

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    const { Memory, ...result } = await evaluate(state, JSON.parse(line), env)
    if (!result.Error) state = Memory
    answer = { result }
  } catch (error) {
    answer = { crash: String(error?.message ?? error) }
  }
  // After a failure the instance's memory is the failed one: a new instance takes up the kept state.
  if (answer.crash || answer.result.Error) evaluate = await AoLoader(code, { format })
  process.stdout.write(JSON.stringify(answer) + '\n')
}
