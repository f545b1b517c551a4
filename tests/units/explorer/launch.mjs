// A browser of its own for each script: what it was told, a context, and what its pages have said.
import { createRequire } from 'node:module'

export const told = JSON.parse(process.argv[2])
const { chromium } = createRequire(told.library + '/')('playwright-core')
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

export async function launch (options = {}) {
  const { name = 'profile', ...more } = options
  const context = await chromium.launchPersistentContext(`${told.profile}/${name}`,
    { executablePath: told.chromium, headless: true, args, ...more })
  context.setDefaultTimeout(20000)
  const said = []
  const page = await context.newPage()
  page.on('console', (one) => said.push(`${one.type()}: ${one.text()}`))
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('dialog', (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
  return { context, page, said }
}

export const answer = (value) => console.log(JSON.stringify(value))
