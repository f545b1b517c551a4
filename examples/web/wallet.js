// A wallet of the page's own, as browsers' wallets show themselves to pages (`window.arweaveWallet`): an RSA key of 4096 bits
// that is made here, is not extractable, and is gone with the page. It signs data items (ANS-104).
const text = new TextEncoder()
const sha384 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-384', bytes))
const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

function joined (...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

// A number as Avro writes it: doubled, seven bits at a time, the lowest first.
function number (value) {
  const bytes = []
  for (value *= 2; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return Uint8Array.from([...bytes, value])
}

function tagsOf (tags) {
  const texts = tags.flatMap(({ name, value }) => [text.encode(name), text.encode(value)])
  if (!tags.length) return new Uint8Array()
  return joined(number(tags.length), ...texts.flatMap((one) => [number(one.length), one]), number(0))
}

// What is signed: a hash of the parts, each with its length.
async function deepHash (parts) {
  let hash = await sha384(text.encode(`list${parts.length}`))
  for (const part of parts) {
    const blob = joined(await sha384(text.encode(`blob${part.length}`)), await sha384(part))
    hash = await sha384(joined(hash, await sha384(blob)))
  }
  return hash
}

function little (value) {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

export async function makeWallet () {
  const kind = { name: 'RSA-PSS', modulusLength: 4096, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(kind, false, ['sign'])
  const owner = bytesOf((await crypto.subtle.exportKey('jwk', publicKey)).n)
  const address = base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', owner)))

  async function signDataItem (item) {
    const data = typeof item.data === 'string' ? text.encode(item.data) : new Uint8Array(item.data ?? [])
    const target = item.target ? bytesOf(item.target) : new Uint8Array()
    const anchor = item.anchor ? text.encode(item.anchor) : new Uint8Array()
    const tags = tagsOf(item.tags ?? [])
    const parts = [text.encode('dataitem'), text.encode('1'), text.encode('1'), owner, target, anchor, tags, data]
    const signed = await crypto.subtle.sign({ name: 'RSA-PSS', saltLength: 32 }, privateKey, await deepHash(parts))
    const optional = (part) => joined(Uint8Array.of(part.length ? 1 : 0), part)
    return joined(Uint8Array.of(1, 0), new Uint8Array(signed), owner, optional(target), optional(anchor),
      little((item.tags ?? []).length), little(tags.length), tags, data)
  }

  return { connect: async () => {}, getActiveAddress: async () => address, signDataItem }
}
