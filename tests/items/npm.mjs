// The published libraries behind two pipes: each line in is one JSON request, each line out is its answer or {"error"}.
// Usage: node npm.mjs FOLDER, where FOLDER has node_modules with the libraries.
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

// They lie in that folder, not beside this file.
const require = createRequire(join(resolve(process.argv[2]), 'package.json'))
const arbundles = require('arbundles')
const libraries = {
  arbundles,
  '@dha-team/arbundles': require('@dha-team/arbundles'),
  'warp-arbundles': require('warp-arbundles'),
}
const base58 = require('bs58')
const ed25519 = require('@noble/ed25519')

const bytes = (text) => Buffer.from(text, 'base64url')
const text = (data) => Buffer.from(data).toString('base64url')

async function signer(library, { kind, key, keys }) {
  if (kind === 'arweave') return new library.ArweaveSigner(key)
  if (kind === 'ethereum') return new library.EthereumSigner(key)
  if (kind === 'typed-ethereum') return new library.TypedEthereumSigner(key)
  if (kind === 'multi-aptos') {
    const owner = Buffer.alloc(1025)
    for (const [index, seed] of keys.entries()) owner.set(await ed25519.getPublicKey(seed), 32 * index)
    owner[1024] = keys.length
    return new library.MultiSignatureAptosSigner(owner, async (message) => ({
      signatures: await Promise.all(keys.map(async (seed) => Buffer.from(await ed25519.sign(message, seed)))),
      bitmap: keys.map((_, index) => index),
    }))
  }
  const owner = Buffer.from(await ed25519.getPublicKey(key))
  if (kind === 'aptos') {
    const signMessage = async ({ message, nonce }) => {
      const whole = Buffer.from(`APTOS\nmessage: ${message}\nnonce: ${nonce}`)
      return { signature: Buffer.from(await ed25519.sign(whole, key)).toString('hex') }
    }
    return new library.InjectedAptosSigner({ signMessage }, owner)
  }
  const both = base58.encode(Buffer.concat([Buffer.from(key, 'hex'), owner]))
  return new (kind === 'solana' ? library.HexSolanaSigner : library.SolanaSigner)(both)
}

const requests = {
  async make({ library, wallet, data, target, anchor, tags }) {
    const used = libraries[library]
    const by = await signer(used, wallet)
    const item = used.createData(bytes(data), by, { target, anchor, tags })
    await item.sign(by)
    return { raw: text(item.getRaw()), id: await item.id }
  },

  async verify({ library, raw }) {
    const { DataItem } = libraries[library]
    const item = new DataItem(bytes(raw))
    return { valid: await DataItem.verify(bytes(raw)), id: await item.id, tags: item.tags, target: item.target, data: text(item.rawData) }
  },

  async bundle({ library, raws, wallet }) {
    const used = libraries[library]
    const items = raws.map((raw) => new used.DataItem(bytes(raw)))
    // Else they would be signed anew: an item that was read does not know that it is signed.
    for (const item of items) await item.setSignature(item.rawSignature)
    const made = await used.bundleAndSignData(items, await signer(used, wallet))
    return { raw: text(made.getRaw()) }
  },

  async unbundle({ library, raw }) {
    const made = libraries[library].unbundleData(bytes(raw))
    return { ids: made.getIds(), valid: await made.verify() }
  },

  // Seconds of one call: the least of many.
  async time({ raw, what }) {
    const buffer = bytes(raw)
    const { DataItem, unbundleData } = arbundles
    const calls = {
      parse: () => { const item = new DataItem(buffer); return [item.id, item.target, item.tags, item.rawData] },
      verify: () => DataItem.verify(buffer),
      unbundle: () => unbundleData(buffer).items.map((item) => item.id),
    }
    let least = Infinity
    const end = performance.now() + 1000
    while (performance.now() < end) {
      const begin = performance.now()
      for (let index = 0; index < 10; index++) await calls[what]()
      least = Math.min(least, (performance.now() - begin) / 10)
    }
    return { seconds: least / 1000 }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { request, ...given } = JSON.parse(line)
  let answer
  try {
    answer = await requests[request](given)
  } catch (error) {
    answer = { error: String(error?.message ?? error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
