import { afterAll, beforeAll, expect, it } from 'vitest'
import { button } from './hands'
import { desk, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

/** A browser at a desk, told that this is no demo, with the code that it shows. */
async function code() {
  const d = await s.device(desk)
  await d.page.route('**/v1/about', (route) => route.fulfill({ json: { version: '1', demo: false, name: '言城县政协' } }))
  const asked = d.page.waitForResponse((r) => r.url().endsWith('/v1/desk-logins') && r.request().method() === 'POST')
  await d.page.goto(s.url)
  await d.page.getByText('同意并继续').click()
  const { id, digits } = (await (await asked).json()) as { id: string; digits: string }
  await d.page.locator('.desk-digits', { hasText: digits }).waitFor()
  return { ...d, id, digits }
}

/** A telephone, which has its session in a token and in no cookie. */
async function telephone(name: string, path: string) {
  const { page } = await s.device()
  await page.goto(s.url)
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
  await page.goto(`${s.url}/#${path}`)
  return page
}

it('a desk is let in by the telephone, once the digits are the same', async () => {
  const at = await code()
  await shot(at.page, 'desk-login')
  const page = await telephone('王静', `/pages/desk/index?ticket=${at.id}`)
  await page.getByText(at.digits).waitFor()
  await shot(page, 'desk-confirm')
  await page.locator('uni-button.primary:visible').click()
  await page.getByText('电脑上已经登录').waitFor()
  await at.page.getByText('王静，您好').waitFor()
  await at.page.locator('.side-place', { hasText: '待办' }).waitFor()
  expect(at.trouble).toEqual([])
})

it('a desk that the telephone refuses is told so', async () => {
  const at = await code()
  const page = await telephone('王静', `/pages/desk/index?ticket=${at.id}`)
  await page.getByText(at.digits).waitFor()
  await button(page, '拒绝').click()
  await at.page.getByText('手机上没有同意这次登录。').waitFor()
  await button(at.page, '换一个二维码').click()
  await at.page.locator('.desk-digits').waitFor()
})
