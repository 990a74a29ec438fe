import type { Page } from 'playwright-core'

// What a person does with a page.

export const field = (page: Page, label: string) => page.locator('.field:visible', { has: page.getByText(label, { exact: true }) })
export const button = (page: Page, label: string) => page.locator('uni-button:visible', { hasText: label })

/** Chooses of a list, in the form or in its sheet. */
export async function pick(page: Page, label: string, ...options: string[]) {
  const f = field(page, label)
  await f.locator('.chip, .entry').first().waitFor()
  const chip = f.locator('.chip', { hasText: new RegExp(`^\\s*${options[0]}\\s*$`) })
  if (await chip.count()) return chip.click()
  await f.locator('.entry').click()
  const sheet = page.locator('.sheet:visible')
  for (const o of options) await sheet.locator('.choice', { hasText: o }).click()
  const chosen = sheet.locator('uni-button')
  if (await chosen.count()) await chosen.click()
  await sheet.waitFor({ state: 'hidden' })
}

/** Takes an action that is offered, wherever the bar has it. */
export async function act(page: Page, label: string) {
  await page.locator('.foot uni-button:visible').first().waitFor()
  const offered = page.locator('.foot uni-button:visible', { hasText: new RegExp(`^\\s*${label}\\s*$`) })
  if (await offered.count()) return offered.click()
  await button(page, '更多').click()
  await page.locator('.sheet:visible .item', { has: page.getByText(label, { exact: true }) }).click()
}

export const confirm = (page: Page) => page.locator('.foot uni-button.primary:visible').last().click()

/** Where a matter stands, as its page says. */
export const stands = (page: Page, status: string) => page.locator('.matter-head:visible .tag', { hasText: status }).first().waitFor()

/** Writes into the fields of a form, by their names. */
export async function write(page: Page, words: Record<string, string>) {
  for (const [label, text] of Object.entries(words)) await field(page, label).locator('input, textarea').first().fill(text)
}

/** Counts the taps from now on; typing and what it focuses is none. */
export async function countTaps(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const w = window as unknown as { taps?: number }
    const counting = w.taps !== undefined
    w.taps = 0
    if (counting) return
    document.addEventListener('click', (e) => {
      if (!(e.target as HTMLElement).closest('input, textarea')) w.taps!++
    }, true)
  })
  return () => page.evaluate(() => (window as unknown as { taps: number }).taps)
}

/** What another person did meanwhile, by the API, as whoever the page has. */
export async function call<T = Record<string, never>>(page: Page, path: string, body?: object): Promise<T> {
  const { status, answer } = await page.evaluate(
    async ([path, body]) => {
      const got = await fetch(path, {
        method: body ? 'POST' : 'GET',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
        body: body && JSON.stringify(body),
      })
      return { status: got.status, answer: await got.json() }
    },
    [path, body] as const,
  )
  if (status >= 400) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`)
  return answer as T
}

interface Seen {
  id: string
  version: number
  assignments: { id: string; version: number }[]
}

/** Takes an action on a matter, or on its first assignment, as it stands now. */
export async function step(page: Page, base: string, id: string, action: string, body: object = {}, of: 'matter' | 'assignment' = 'matter') {
  const m = await call<Seen>(page, `${base}/${id}`)
  const [path, { version }] = of === 'matter' ? [`${base}/${id}`, m] : [`/v1/assignments/${m.assignments[0].id}`, m.assignments[0]]
  await call(page, `${path}/${action}`, { version, ...body })
}
