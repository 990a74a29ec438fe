// Draws src/static/*.png from the shapes of the program: the tab bar of the
// platform takes no SVG. Run when a shape changes; needs Chromium (CHROMIUM names it).
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { chromium } = require('playwright-core')

const statics = join(__dirname, '../src/static')
const shapes = Object.fromEntries([...readFileSync(join(__dirname, '../src/components/Glyph.vue'), 'utf8').matchAll(/^ {2}(\w+): '(M[^']+)'/gm)].map(([, name, path]) => [name, path]))

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  const page = await browser.newPage()
  const draw = async (svg, side, name) => {
    await page.setViewportSize({ width: side, height: side })
    await page.setContent(`<style>*{margin:0}svg{display:block;width:${side}px;height:${side}px}</style>${svg}`)
    writeFileSync(join(statics, name), await page.screenshot({ omitBackground: true }))
  }
  const icon = readFileSync(join(statics, 'icon.svg'), 'utf8')
  await draw(icon, 144, 'icon.png')
  // Of a card in a chat, which is five wide to four high.
  await page.setViewportSize({ width: 500, height: 400 })
  await page.setContent(`<style>*{margin:0}body{height:400px;background:#e6f0f7;display:flex;align-items:center;justify-content:center}svg{width:180px;height:180px}</style>${icon}`)
  writeFileSync(join(statics, 'share.png'), await page.screenshot())
  for (const name of ['home', 'list', 'mail', 'person']) {
    for (const [suffix, colour] of [['', '#55636f'], ['-on', '#0f5e8c']]) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="${shapes[name]}"/></svg>`
      await draw(svg, 81, `tab/${name}${suffix}.png`)
    }
  }
  await browser.close()
}

main()
