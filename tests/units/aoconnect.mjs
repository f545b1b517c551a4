// Every call of the published client against a server: what they gave is the last line of stdout, as JSON.
import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [, , folder, ready] = process.argv
const { urls, addresses, modules } = JSON.parse(ready)
const entry = createRequire(folder + '/').resolve('@permaweb/aoconnect')
const { connect, createDataItemSigner } = await import(pathToFileURL(entry))

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096, publicExponent: 65537 })
const signer = createDataItemSigner(privateKey.export({ format: 'jwk' }))
const options = { MODE: 'legacy', GATEWAY_URL: urls.gateway, MU_URL: urls.mu, CU_URL: urls.cu }
const ao = connect(options)
const tag = (name, value) => ({ name, value })
const until = async (wanted) => {
  for (let tries = 0; tries < 600; tries++) {
    const found = await wanted()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it never came to be')
}
const spawn = (data, tags = []) =>
  ao.spawn({
    module: modules[0],
    scheduler: addresses.scheduler,
    signer,
    tags: [tag('Authority', addresses.messenger), tag('On-Boot', 'Data'), ...tags],
    data
  })
const told = {}

// spawn, message, result, results, dryrun
const pid = await spawn(`
Count = 0
Handlers.add("Add", "Add", function(msg) Count = Count + 1 msg.reply({ Data = msg.Data .. Count }) end)
Handlers.add("Size", "Size", function(msg) msg.reply({ Data = tostring(#msg.Data) }) end)
Handlers.add("On", "On", function(msg) Send({ Target = msg.Tags.To, Action = "Add", Data = "on" }) end)
`)
const send = (action, data, more = []) => ao.message({ process: pid, signer, tags: [tag('Action', action), ...more], data })
const first = await send('Add', 'a')
const result = await ao.result({ process: pid, message: first })
told.keys = Object.keys(result)
told.result = result.Messages[0].Data
await send('Add', 'b')
const page = await ao.results({ process: pid, sort: 'ASC', limit: 2 })
told.results = page.edges.map((edge) => edge.node.Messages.map((one) => one.Data))
// Where a messenger of its own asks for results, they are there a moment later.
const next = await until(async () => {
  const later = await ao.results({ process: pid, from: page.edges[1].cursor })
  return later.edges.length > 0 && later
})
told.next = next.edges.map((edge) => edge.node.Messages[0].Data)
told.cursor = Object.keys(JSON.parse(atob(page.edges[0].cursor)))
const dry = await ao.dryrun({ process: pid, tags: [tag('Action', 'Add')], data: 'dry' })
told.dryrun = dry.Messages[0].Data
told.again = (await ao.dryrun({ process: pid, tags: [tag('Action', 'Add')], data: 'dry' })).Messages[0].Data

// what processes send each other
const other = await spawn('Got = {} Handlers.add("Add", "Add", function(msg) table.insert(Got, msg.From) end)')
await send('On', 'x', [tag('To', other)])
told.pushed = await until(async () => {
  const edges = (await ao.results({ process: other })).edges
  return edges.length === 2
})

// errors are results
const failing = await ao.message({ process: pid, signer, tags: [tag('Action', 'Eval')], data: 'error("it failed")' })
told.error = (await ao.result({ process: pid, message: failing })).Error.includes('it failed')
told.unknown = Object.keys(await ao.result({ process: pid, message: 'u'.repeat(43) }))
told.refused = await ao.message({ process: 'n'.repeat(43), signer, tags: [] }).then(
  () => 'taken',
  (error) => /there is no process/.test(error.message)
)

// assign
const assignment = await ao.assign({ process: other, message: first })
told.assign = Object.keys(await ao.result({ process: other, message: assignment })).includes('Output')

// 1 MB, and bytes
const size = async (data) => (await ao.result({ process: pid, message: await send('Size', data) })).Messages[0].Data
told.large = await size('x'.repeat(1 << 20))
told.binary = await size(Uint8Array.from({ length: 256 }, (_, index) => index))

// cron, with a monitor
const counting = await spawn('N = 0 Handlers.add("Tock", "Tock", function() N = N + 1 end)')
const ticking = await spawn(`Handlers.add("Tick", "Tick", function() Send({ Target = "${counting}", Action = "Tock" }) end)`, [
  tag('Cron-Interval', '1-second'),
  tag('Cron-Tag-Action', 'Tick')
])
told.monitor = (await ao.monitor({ process: ticking, signer })).length
told.ticks = await until(async () => (await ao.results({ process: counting })).edges.length >= 3)
told.unmonitor = (await ao.unmonitor({ process: ticking, signer })).length
told.unmonitored = await ao.unmonitor({ process: ticking, signer }).then(
  () => 'taken',
  () => 'refused'
)

// what looks for the scheduler (later versions)
if (ao.getMessages) {
  const messages = await ao.getMessages({ processId: pid, from: '0', to: '9999999999999', limit: '2' })
  told.messages = messages.edges.map((edge) => edge.node.message.id === pid || edge.node.message.id === first)
  told.byId = (await ao.getMessageById({ processId: pid, messageId: first })).message.id === first
  told.slot = Number(await ao.getLastSlot({ processId: pid })) >= 6
}

// how long message and result take
const times = []
for (let number = 0; number < 20; number++) {
  const begun = performance.now()
  await ao.result({ process: pid, message: await send('Add', 'x') })
  times.push(performance.now() - begun)
}
times.sort((a, b) => a - b)
told.median = times[10]
console.log(JSON.stringify(told))
