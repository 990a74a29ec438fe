// How long the page takes on a poor line and a slow telephone, and how much comes over
// the wire: npm run speed. It prints figures; it is no test.
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { stage, type Stage } from '../browser/stage'

// "Slow 3G" and a telephone of the cheap sort, as Chromium's tools have them.
const line = { offline: false, latency: 560, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 }
const slowdown = 4

const person = '古丽娜尔·艾山'
const rounds = Number(process.env.ROUNDS ?? 3)

interface Figures {
  seconds: number
  kilobytes: number
  requests: number
}

/** A page on that line: what comes over it is counted. */
async function slowPage(context: BrowserContext): Promise<{ page: Page; measure(work: () => Promise<void>): Promise<Figures> }> {
  const page = await context.newPage()
  const chrome: CDPSession = await context.newCDPSession(page)
  let bytes = 0
  let requests = 0
  chrome.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength))
  chrome.on('Network.requestWillBeSent', () => requests++)
  await chrome.send('Network.enable')
  await chrome.send('Network.emulateNetworkConditions', line)
  await chrome.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  return {
    page,
    async measure(work) {
      bytes = requests = 0
      const began = performance.now()
      await work()
      const seconds = (performance.now() - began) / 1000
      await page.waitForLoadState('networkidle') // what comes after it is usable is counted, too
      return { seconds, kilobytes: bytes / 1024, requests }
    },
  }
}

/** Waits until something can be tapped: it is there, stands still, and the page answers. */
const usable = (page: Page, words: string) => page.getByText(words).first().click({ trial: true })

async function round(s: Stage) {
  const { context, page: none } = await s.device()
  await none.close()
  const first = await slowPage(context)
  const figures: Record<string, Figures> = {}
  figures['first visit, to the consent'] = await first.measure(async () => {
    await first.page.goto(s.url, { waitUntil: 'commit' })
    await usable(first.page, '同意并继续')
  })
  figures['consent, to the login'] = await first.measure(async () => {
    await first.page.getByText('同意并继续').click()
    await usable(first.page, person)
  })
  figures['login, to home'] = await first.measure(async () => {
    await first.page.getByText(person, { exact: true }).click()
    await usable(first.page, '微建议')
  })
  figures['home, to a form to hand in'] = await first.measure(async () => {
    await first.page.locator('.big', { hasText: '微建议' }).click()
    await usable(first.page, '标题')
  })
  await first.page.close()
  const again = await slowPage(context)
  figures['repeat visit, to home'] = await again.measure(async () => {
    await again.page.goto(s.url, { waitUntil: 'commit' })
    await usable(again.page, '微建议')
  })
  await context.close()
  return figures
}

async function main() {
  const s = await stage()
  try {
    const all: Record<string, Figures>[] = []
    for (let i = 0; i < rounds; i++) all.push(await round(s))
    console.log(`1.6 Mbit/s, 560 ms round trip, CPU slowed ${slowdown} times; median of ${rounds}`)
    for (const name of Object.keys(all[0]!)) {
      const median = (of: (f: Figures) => number) => all.map((f) => of(f[name]!)).sort((a, b) => a - b)[Math.floor(rounds / 2)]!
      console.log(`${name.padEnd(30)} ${median((f) => f.seconds).toFixed(1).padStart(5)} s ${median((f) => f.kilobytes).toFixed(0).padStart(5)} KB ${median((f) => f.requests)} requests`)
    }
  } finally {
    await s.end()
  }
}

void main()
