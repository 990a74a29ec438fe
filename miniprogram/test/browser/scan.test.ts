import { afterAll, beforeAll, expect, it } from 'vitest'
import { button } from './hands'
import { desk, shot, stage, telephone, type Stage } from './stage'

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

it('a desk is let in by the telephone, once the digits are the same', async () => {
  const at = await code()
  await shot(at.page, 'desk-login')
  const page = await telephone(await s.device(), s.url, '王静', `/pages/desk/index?ticket=${at.id}`)
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
  const page = await telephone(await s.device(), s.url, '王静', `/pages/desk/index?ticket=${at.id}`)
  await page.getByText(at.digits).waitFor()
  await button(page, '拒绝').click()
  await at.page.getByText('手机上没有同意这次登录。').waitFor()
  await button(at.page, '换一个二维码').click()
  await at.page.locator('.desk-digits').waitFor()
})
