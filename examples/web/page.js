// A token in the browser, by @permaweb/aoconnect as it is on npm: started, minted, transferred, and looked at.
import { connect, createDataItemSigner } from './node_modules/@permaweb/aoconnect/dist/browser.js'
import { makeWallet } from './wallet.js'

const network = new URL(new URLSearchParams(location.search).get('network') ?? 'http://localhost:4000').origin
const ao = connect({ MODE: 'legacy', GATEWAY_URL: network, MU_URL: network + '/mu', CU_URL: network + '/cu' })
const find = (id) => document.getElementById(id)
const tag = (name, value) => ({ name, value })

// In an application it is the user's: `window.arweaveWallet`.
const wallet = await makeWallet()
const address = await wallet.getActiveAddress()
const signer = createDataItemSigner(wallet)

let token

async function start () {
  const [own, mint] = await Promise.all(['../token/token.lua', 'mint.lua'].map(async (file) => (await fetch(file)).text()))
  const { addresses } = await (await fetch(network + '/info')).json()
  token = await ao.spawn({
    module: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s',
    scheduler: addresses.su,
    signer,
    tags: [tag('Name', 'Points'), tag('Authority', addresses.mu), tag('On-Boot', 'Data')],
    data: `${own}\n${mint}`
  })
  find('process').href = `${network}/explorer/process/${token}`
  find('process').firstElementChild.textContent = token
  find('start').hidden = true
  find('token').hidden = false
  note('Started', token)
}

// Send a message, and have what the process said about it.
async function send (action, ...tags) {
  const message = await ao.message({ process: token, signer, tags: [tag('Action', action), ...tags] })
  const result = await ao.result({ process: token, message })
  if (result.Error) throw new Error(result.Error)
  const answer = Object.fromEntries(result.Messages[0].Tags.map(({ name, value }) => [name, value]))
  if (answer.Error) throw new Error(answer.Error)
  note(answer.Action, message, answer.Quantity)
}

// Every account, without a message of which anything would stay.
async function balances () {
  const { Messages } = await ao.dryrun({ process: token, tags: [tag('Action', 'Balances')] })
  const rows = Object.entries(JSON.parse(Messages[0].Data)).map(([account, points]) => {
    const row = document.createElement('tr')
    for (const text of [account === address ? `${account} (you)` : account, points]) {
      row.appendChild(document.createElement('td')).textContent = text
    }
    return row
  })
  find('balances').replaceChildren(...rows)
}

function note (what, id, quantity = '') {
  const link = document.createElement('a')
  link.href = `${network}/explorer/message/${id}`
  link.textContent = `${what} ${quantity}`.trim()
  const item = document.createElement('li')
  item.append(link)
  find('log').prepend(item)
}

function when (form, act) {
  find(form).addEventListener('submit', async (event) => {
    event.preventDefault()
    const fields = Object.fromEntries(new FormData(event.target))
    const button = event.target.querySelector('button')
    button.disabled = true
    find('problem').hidden = true
    try {
      await act(fields)
      await balances()
    } catch (error) {
      find('problem').textContent = error.message
      find('problem').hidden = false
    } finally {
      button.disabled = false
    }
  })
}

find('network').href = network
find('address').textContent = address
when('start', start)
when('mint', ({ quantity }) => send('Mint', tag('Quantity', quantity)))
when('transfer', ({ quantity, recipient }) => send('Transfer', tag('Quantity', quantity), tag('Recipient', recipient)))
