// Pictures of pages ({base, folder, whole, pictured: [name], pages: {name: path}}), narrow and wide, light and dark: what the pages have said, and
// which of them are wider than the window.
import { mkdirSync } from 'node:fs'
import { answer, launch, told } from './launch.mjs'

mkdirSync(told.folder, { recursive: true })
const wide = []
const { context, page, said } = await launch()
for (const [name, path] of Object.entries(told.pages)) {
  await page.goto(told.base + path, { waitUntil: 'load' })
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
    const needed = await page.evaluate(() => document.documentElement.scrollWidth)
    if (needed > width) wide.push(`${name} ${width}: ${needed}`)
    if (!told.pictured.includes(name)) continue
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.screenshot({ path: `${told.folder}/${name}-${width}-${scheme}.png`, fullPage: told.whole })
    }
  }
}
await context.close()
answer({ said, wide })
