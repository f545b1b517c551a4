// The same eight tests as token_test.lua, for wao. Every test starts the token anew: there is no other way back.
import assert from "node:assert"
import { readFileSync } from "node:fs"
import { after, test } from "node:test"
import { AO, acc } from "wao/test"

const code = (name) => readFileSync(new URL(name, import.meta.url), "utf8")
const [alice, bob] = acc
const tag = (message, name) => message.Tags.find((one) => one.name === name)?.value

async function start() {
  const ao = await new AO().init(alice)
  const { p } = await ao.deploy({ src_data: code("token.lua") })
  const transfer = async (to, quantity) =>
    (await p.msg("Transfer", { Recipient: to, Quantity: String(quantity) })).res
  return { ao, p, transfer }
}

after(() => setTimeout(() => process.exit(), 100))

test("says its supply", async () => {
  const { p } = await start()
  assert.equal((await p.msg("Info", {}, { get: "Supply" })).out, "1000")
})

test("says a balance", async () => {
  const { p } = await start()
  assert.equal((await p.msg("Balance", { Account: alice.addr }, { get: "Balance" })).out, "1000")
})

test("moves the quantity", async () => {
  const { p, transfer } = await start()
  await transfer(bob.addr, 30)
  assert.equal(await p.v(`Balances["${bob.addr}"]`), 30)
  assert.equal(await p.v(`Balances["${alice.addr}"]`), 970)
})

test("tells both", async () => {
  const { transfer } = await start()
  const [debit, credit] = (await transfer(bob.addr, 30)).Messages
  assert.deepEqual([debit.Target, tag(debit, "Action")], [alice.addr, "Debit-Notice"])
  assert.deepEqual([credit.Target, tag(credit, "Action")], [bob.addr, "Credit-Notice"])
})

test("refuses too much", async () => {
  const { transfer } = await start()
  assert.match((await transfer(bob.addr, 1001)).Error, /Insufficient balance/)
})

test("refuses what is no quantity", async () => {
  const { transfer } = await start()
  assert.match((await transfer(bob.addr, "many")).Error, /Quantity must be a whole number/)
})

test("changes nothing when it refuses", async () => {
  const { p, transfer } = await start()
  await transfer(bob.addr, -1)
  assert.equal(await p.v(`Balances["${alice.addr}"]`), 1000)
  assert.equal(await p.v(`Balances["${bob.addr}"] or 0`), 0)
})

test("pays a shop", async () => {
  const { ao, transfer } = await start()
  const shop = await ao.deploy({ src_data: code("shop.lua") })
  await transfer(shop.pid, 30)
  assert.equal(await shop.p.v("Paid"), 30)
})
