// Times a message and its result through the published client. Arguments: the folder with node_modules/@permaweb/aoconnect,
// and JSON: { gateway, mu, cu, scheduler, module, authority, messages }. Prints the milliseconds of each as JSON.
import { generateKeyPairSync } from 'node:crypto'
import { pathToFileURL } from 'node:url'

const [folder, told] = process.argv.slice(2)
const { gateway, mu, cu, scheduler, module, authority, messages } = JSON.parse(told)
const { connect, createDataItemSigner } = await import(
  pathToFileURL(`${folder}/node_modules/@permaweb/aoconnect/dist/index.js`).href
)
const wallet = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ format: 'jwk' })
const signer = createDataItemSigner(wallet)
const ao = connect({ MODE: 'legacy', GATEWAY_URL: gateway, MU_URL: mu, CU_URL: cu })
const code = 'Handlers.add("Ping", "Ping", function(msg) msg.reply({ Data = "Pong " .. msg.Tags.N }) end)'
const pid = await ao.spawn({ module, scheduler, signer, tags: [{ name: 'Authority', value: authority }] })
let ready
for (let n = 0; n < 50 && !ready; n++) {
  try {
    const id = await ao.message({ process: pid, signer, tags: [{ name: 'Action', value: 'Eval' }], data: code })
    ready = (await ao.result({ process: pid, message: id })).Output !== undefined
  } catch {
    await new Promise((wait) => setTimeout(wait, 100))
  }
}
const times = []
for (let n = -3; n < messages; n++) {
  const began = performance.now()
  const tags = [{ name: 'Action', value: 'Ping' }, { name: 'N', value: String(n) }]
  const id = await ao.message({ process: pid, signer, tags })
  const result = await ao.result({ process: pid, message: id })
  const took = performance.now() - began
  if (result.Messages[0].Data !== `Pong ${n}`) throw new Error(`it answered ${JSON.stringify(result)}`)
  if (n >= 0) times.push(took)
}
// What signing takes by itself: the client does it, whatever the server.
const signing = []
for (let n = 0; n < 10; n++) {
  const began = performance.now()
  await ao.signMessage({ process: pid, signer, tags: [{ name: 'Action', value: 'Ping' }] })
  signing.push(performance.now() - began)
}
console.log(JSON.stringify({ times, signing }))
process.exit(0)
