// What somebody does in a browser ({gateway, process}): the first page, keys, what is new, and the same without script.
import { answer, launch, told } from './launch.mjs'

const done = {}
const { context, page, said } = await launch()
await page.goto(told.gateway + '/')
done.sentTo = new URL(page.url()).pathname
await page.keyboard.press('Tab')
done.firstTab = await page.evaluate(() => document.activeElement.textContent)
await page.keyboard.press('/')
done.slash = await page.evaluate(() => document.activeElement.id)
await page.keyboard.type('Points')
await page.keyboard.press('Enter')
await page.waitForURL('**/search?q=Points')
done.found = await page.locator('main ul.plain a').first().textContent()

await page.goto(`${told.gateway}/explorer/process/${told.process}`)
await page.getByText('live', { exact: true }).waitFor()
await page.locator('summary', { hasText: 'Tags' }).click()
const rows = page.locator('#evaluations tbody tr')
done.before = await rows.count()
await page.evaluate(() => { window.same = true })
await rows.first().locator('a').first().focus()
const focused = await page.evaluate(() => document.activeElement.href)
await page.waitForTimeout(1300) // the look that follows on being live
console.log('ready')
await page.waitForFunction((count) => document.querySelectorAll('#evaluations tbody tr').length > count, done.before)
done.after = await rows.count()
done.fresh = await page.locator('#evaluations tr.fresh b').allTextContents()
done.same = await page.evaluate(() => window.same === true)
done.open = await page.locator('details', { hasText: 'Tags' }).first().evaluate((one) => one.open)
done.focus = (await page.evaluate(() => document.activeElement.href)) === focused
await context.close()

const plain = await launch({ name: 'plain', javaScriptEnabled: false })
await plain.page.goto(`${told.gateway}/explorer`)
done.plainRows = await plain.page.locator('#messages tbody tr').count()
await plain.page.locator('main a', { hasText: 'Points' }).first().click()
await plain.page.locator('.tabs a', { hasText: 'State' }).click()
done.plainState = await plain.page.locator('.state > li', { hasText: /^Supply/ }).first().textContent()
await plain.page.locator('#q').fill('Action=Ping')
await plain.page.locator('#q').press('Enter')
done.plainSearch = await plain.page.locator('main h1').textContent()
await plain.context.close()
answer({ said: [...said, ...plain.said], done })
