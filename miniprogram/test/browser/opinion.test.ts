import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, call, confirm, countTaps, field, pick, stands, write } from './hands'
import { desk, enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const words = {
  标题: '关于改善农村留守老人取药的建议',
  情况: '近期走访了解到，我县农村留守老人就医取药不便，部分村卫生室常用药品不全。',
  分析: '主要原因是村卫生室药品配送周期长，老人不会使用手机预约。',
  建议: '建议由县医院每周巡诊送药，由村干部代为预约。',
}

it('a 社情民意 is handed in, comes back to be completed, and is handed in again', async () => {
  const author = await s.device()
  await enter(author.page, s.url, '扎西卓玛')
  await author.page.locator('.big', { hasText: '社情民意' }).click()
  await button(author.page, '下一步').click()
  await author.page.getByText('请填写标题').waitFor()
  await shot(author.page, 'opinion-wrong')
  await write(author.page, words)
  await button(author.page, '下一步').click()
  await pick(author.page, '类别', '医疗卫生')
  await pick(author.page, '急缓', '急')
  await pick(author.page, '密级', '可公开')
  expect(await field(author.page, '集体类型').count()).toBe(0) // who hands in for themselves is not asked
  await shot(author.page, 'opinion-choose')
  await button(author.page, '提交').last().click()
  await author.page.getByText('已经收到').waitFor()
  const there = author.page.url()

  const staff = await s.device()
  await enter(staff.page, s.url, '王静')
  await staff.page.goto(s.url + '/' + there.slice(there.indexOf('#')))
  await act(staff.page, '退回补充')
  await staff.page.locator('.field textarea').first().fill('请写明是哪几个村。')
  await confirm(staff.page)
  await stands(staff.page, '待补充')

  await author.page.goto(s.url + '/#/pages/inbox/index')
  await author.page.locator('.item').first().click()
  await stands(author.page, '待补充')
  await act(author.page, '修改或提交')
  await author.page.getByText('请写明是哪几个村').waitFor()
  await shot(author.page, 'opinion-returned')
  await write(author.page, { 情况: words.情况 + '主要是东沟、西沟两个村。' })
  await button(author.page, '下一步').click()
  await button(author.page, '提交').last().click()
  await stands(author.page, '待登记')
  await author.page.getByText('东沟、西沟').waitFor()
  expect([...author.trouble, ...staff.trouble]).toEqual([])
})

it('a 社情民意 is handed in for a body that was chosen after the draft was kept, from another device', async () => {
  const first = await s.device()
  await enter(first.page, s.url, '李春山')
  await first.page.locator('.big', { hasText: '社情民意' }).click()
  await write(first.page, { ...words, 标题: '关于冬季灌溉用水的建议' })
  await first.page.getByText('草稿已保存').waitFor()
  await button(first.page, '下一步').click()
  await pick(first.page, '类别', '农业农村')
  await first.page.getByText('以集体名义提交').click()
  await field(first.page, '集体类型').locator('.chip').first().waitFor()
  expect(await field(first.page, '集体类型').locator('.chip').allInnerTexts()).toEqual(['界别', '小组']) // what a member stands for
  await pick(first.page, '集体类型', '界别')
  await field(first.page, '集体名称').locator('input').fill('农业界')
  await shot(first.page, 'opinion-body')
  await first.page.goto(s.url + '/#/') // leaving saves at once
  const { items } = await call<{ items: { id: string }[] }>(first.page, '/v1/opinions?mine=true&stage=DRAFT')
  await expect.poll(async () => (await call<{ body_name?: string }>(first.page, `/v1/opinions/${items[0].id}`)).body_name).toBe('农业界')

  const second = await s.device(desk)
  await enter(second.page, s.url, '李春山')
  await second.page.locator('.side-place', { hasText: '待办' }).waitFor() // what is their own may wait for them
  await shot(second.page, 'home-member-wide')
  await second.page.getByText('关于冬季灌溉用水的建议').click()
  await button(second.page, '下一步').click()
  await field(second.page, '集体类型').locator('.chip.on', { hasText: '界别' }).waitFor()
  await expect.poll(() => field(second.page, '集体名称').locator('input').inputValue()).toBe('农业界')
  await button(second.page, '提交').last().click()
  await second.page.getByText('已经收到').waitFor()
  await second.page.getByText('农业界，联系人 李春山').waitFor()
  expect([...first.trouble, ...second.trouble]).toEqual([])
})

it('each kind is handed in with four taps, beside typing', async () => {
  const { page, trouble } = await s.device()
  await enter(page, s.url, '古丽娜尔·艾山')
  const kinds: [string, Record<string, string>][] = [
    ['微建议', { 标题: '修复人民路路灯', 内容: words.情况 }],
    ['社情民意', words],
    ['提案', { 案由: words.标题, 情况: words.情况, 分析: words.分析, 建议: words.建议 }],
  ]
  for (const [kind, texts] of kinds) {
    await page.goto(s.url + '/#/')
    await page.getByText('，您好').waitFor()
    const taps = await countTaps(page)
    await page.locator('.big', { hasText: kind }).click()
    await write(page, texts)
    if (kind !== '微建议') await button(page, '下一步').click()
    await pick(page, '类别', '民生保障')
    await button(page, '提交').last().click()
    await page.getByText('已经收到').waitFor()
    expect(await taps(), kind).toBeLessThanOrEqual(4)
  }
  expect(trouble).toEqual([])
})
