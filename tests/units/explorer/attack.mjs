// Pages on which a stranger has written ({base, pages: {name: path}, mark}): what runs, what is an element, what is text.
import { answer, launch, told } from './launch.mjs'

const { context, page, said } = await launch()
const found = {}
for (const [name, path] of Object.entries(told.pages)) {
  await page.goto(told.base + path, { waitUntil: 'load' })
  await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true })
  await page.waitForTimeout(30)
  found[name] = await page.evaluate((mark) => ({
    ran: window.hacked ?? null,
    scripts: document.scripts.length,
    strange: document.querySelectorAll('iframe, object, embed, base, main img, main style, main svg, main script, main link, main marquee, [onerror], [onclick], [onload], [style]').length,
    outside: [...document.querySelectorAll('a[href], form[action]')].filter((one) => new URL(one.href ?? one.action).origin !== location.origin).length,
    text: document.body.innerText.includes(mark)
  }), told.mark)
}
await context.close()
answer({ said, found })
