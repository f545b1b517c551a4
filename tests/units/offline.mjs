// No router of the test network is asked: its address is built into the client, and offline it is not there.
const real = globalThis.fetch
globalThis.fetch = (url, ...rest) =>
  String(url).includes('su-router.ao-testnet.xyz')
    ? Promise.resolve(new Response('{}', { status: 400 }))
    : real(url, ...rest)
