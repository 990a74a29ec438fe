import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** Where screenshots are kept. */
export const shots = process.env.YANLU_SHOTS ?? join(__dirname, '../../dist/shots')

export interface Stage {
  url: string
  browser: Browser
  /** A telephone, or a desk, of its own. */
  device(size?: { width: number; height: number }): Promise<{ context: BrowserContext; page: Page; trouble: string[] }>
  end(): Promise<void>
}

export const phone = { width: 390, height: 844 }
export const desk = { width: 1280, height: 800 }

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/**
 * A database of its own in PostgreSQL, where YANLU_TEST_POSTGRES names one to make it
 * from, with Redis; else a file, with Redis in the process.
 */
function servers(folder: string): { env: Record<string, string>; drop(): void } {
  const admin = process.env.YANLU_TEST_POSTGRES
  if (!admin) return { env: { YANLU_DATABASE_URL: `sqlite:${folder}/yanlu.db` }, drop: () => {} }
  const name = `yanlu_page_${randomBytes(6).toString('hex')}`
  const sql = (command: string) => execFileSync('psql', [admin, '-qc', command], { stdio: ['ignore', 'ignore', 'inherit'] })
  sql(`CREATE DATABASE ${name}`)
  const url = new URL(admin)
  url.pathname = name
  return {
    env: { YANLU_DATABASE_URL: url.href, YANLU_REDIS_URL: process.env.YANLU_TEST_REDIS ?? '' },
    drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`),
  }
}

// All stories come from one address, and those on one Redis are counted together.
const generous = { YANLU_LIMITS_LOGIN_PER_HOUR: '10000', YANLU_LIMITS_BINDING_PER_HOUR: '10000', YANLU_LIMITS_REQUESTS_PER_MINUTE: '10000' }

/** Starts the program, which YANLU_BIN names, in its demo. */
async function start(env: Record<string, string>): Promise<{ url: string; stop(): void }> {
  const bin = process.env.YANLU_BIN
  if (!bin) throw new Error('YANLU_BIN must name the built program (go build)')
  const folder = mkdtempSync(join(tmpdir(), 'yanlu-'))
  const { env: stands, drop } = servers(folder)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server: ChildProcess = spawn(bin, ['demo'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, YANLU_LISTEN: `127.0.0.1:${port}`, ...generous, ...stands, ...env },
    stdio: 'ignore',
  })
  const stop = () => {
    server.kill()
    drop()
    rmSync(folder, { recursive: true, force: true })
  }
  for (let i = 0; !(await fetch(`${url}/readyz`).catch(() => undefined))?.ok; i++) {
    if (i > 150) {
      stop()
      throw new Error('the program did not start')
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return { url, stop }
}

/** The program itself, in its demo, and a browser. YANLU_URL names pages that run already, as those of npm run dev:h5. */
export async function stage(env: Record<string, string> = {}): Promise<Stage> {
  mkdirSync(shots, { recursive: true })
  const { url, stop: end } = process.env.YANLU_URL ? { url: process.env.YANLU_URL, stop: () => {} } : await start(env)
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  return {
    url,
    browser,
    async device(size = phone) {
      const context = await browser.newContext({ viewport: size, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', hasTouch: size.width < 600, deviceScaleFactor: size.width < 600 ? 2 : 1 })
      const page = await context.newPage()
      const trouble: string[] = []
      page.on('pageerror', (e) => trouble.push(String(e)))
      page.on('console', (m) => m.type() === 'error' && trouble.push(m.text()))
      page.on('request', (r) => {
        if (!r.url().startsWith(url) && !/^(data|blob):/.test(r.url())) trouble.push(`another host: ${r.url()}`)
      })
      return { context, page, trouble }
    },
    async end() {
      await browser.close()
      end()
    },
  }
}

/** A picture of what the page shows, when all has moved to its place and the toast has gone. */
export const shot = (page: Page, name: string) =>
  page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled', style: 'uni-toast { visibility: hidden !important }' })

/** Opens an address anew, and not as a step within the page that is there. */
export async function visit(page: Page, url: string) {
  await page.goto('about:blank')
  await page.goto(url)
}

/** First open, consent, and one person of the demo. */
export async function enter(page: Page, url: string, name: string) {
  await page.goto(url)
  await page.getByText('同意并继续').click()
  await page.getByText(name, { exact: true }).click()
  await page.getByText('，您好').waitFor()
}

/** Comes to a page as on a telephone, which has its session in a token and in no cookie. */
export async function telephone({ page }: { page: Page }, url: string, name: string, path: string): Promise<Page> {
  await page.goto(url)
  await page.evaluate(async (called) => {
    const ask = async (to: string, body?: object, token?: string) => {
      const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) }
      return (await fetch(to, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })).json()
    }
    const person = ((await ask('/demo/people')) as { id: string; name: string }[]).find((p) => p.name === called)!
    const { code } = await ask(`/demo/people/${person.id}/login-code`, {})
    const { token } = await ask('/v1/login', { code, device: '手机' })
    let me = await ask('/v1/me', undefined, token)
    if (!me.bound) me = await ask('/v1/bindings/phone', { code: (await ask(`/demo/people/${person.id}/phone-code`, {})).code }, token)
    const keep = (key: string, value: object) => localStorage.setItem(key, JSON.stringify({ type: 'string', data: JSON.stringify(value) }))
    keep('session', { token, me })
    keep('privacy', { version: 1, at: new Date().toISOString() })
  }, name)
  await page.goto('about:blank') // what is kept is read when the program begins
  await page.goto(`${url}/#${path}`)
  return page
}
