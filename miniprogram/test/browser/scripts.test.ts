import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, confirm, pick, stands, write } from './hands'
import { desk, enter, shot, stage, type Stage, visit } from './stage'

// Every script passes, and is read from the side from which it is written.

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const title = 'خەلق يولىدىكى چىراغلار'
const place = 'خەلق يولى 88号'
const body = `${place} ئەتراپىدىكى ئالتە چىراغ (LED-30W) ئىككى ھەپتىدىن بۇيان يانمايدۇ، تېزدىن رېمونت قىلىشنى تەۋسىيە قىلىمەن.`
const reason = 'قايسى كوچا ئىكەنلىكىنى ئېنىق يېزىڭ، 例如：人民路'

const direction = (at: Locator) => at.first().evaluate((e) => getComputedStyle(e).direction)

/** Which way the letters of a piece of text stand one after the other. */
const runs = (at: Locator, piece: string) =>
  at.first().evaluate((e, piece) => {
    const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const from = node.textContent?.indexOf(piece) ?? -1
      if (from < 0) continue
      const left = (i: number) => {
        const range = document.createRange()
        range.setStart(node, from + i)
        range.setEnd(node, from + i + 1)
        return range.getBoundingClientRect().left
      }
      return left(piece.length - 1) > left(0) ? 'ltr' : 'rtl'
    }
    return `no “${piece}” in “${e.textContent}”`
  }, piece)

it('Uyghur is read from the right, with what is Chinese or Latin in it from the left', async () => {
  const [member, office] = [await s.device(), await s.device(desk)]
  const page = member.page
  await enter(page, s.url, '古丽娜尔·艾山')
  await page.locator('.big', { hasText: '微建议' }).click()
  await write(page, { 标题: title, 内容: body, 地点: place })
  await pick(page, '类别', '城市建设')
  await shot(page, 'uyghur-submit')
  await button(page, '提交').last().click()
  await page.getByText('已经收到').waitFor()
  const there = page.url()
  expect(await page.locator('.matter-title').innerText()).toBe(title)
  expect(await direction(page.locator('.matter-title'))).toBe('rtl')
  const text = page.locator('.long', { hasText: 'LED-30W' })
  expect(await text.innerText()).toBe(body)
  expect(await direction(text)).toBe('rtl')
  expect([await runs(text, 'خەلق'), await runs(text, 'LED-30W'), await runs(text, '88号')]).toEqual(['rtl', 'ltr', 'ltr'])
  expect(await direction(page.locator('.fact', { hasText: '地点' }).locator('.grow'))).toBe('rtl')
  expect(await direction(page.locator('.fact', { hasText: '提出人' }).locator('.grow'))).toBe('ltr')
  await shot(page, 'uyghur-matter')

  // Beside what is Chinese: in the queue, in a sentence of the office, in the table.
  await enter(office.page, s.url, '买买提·吐尔逊')
  await office.page.locator('.side-place', { hasText: '待办' }).click()
  const row = office.page.locator('.work-row', { hasText: title })
  await row.click()
  expect(await direction(row.locator('.work-title'))).toBe('rtl')
  expect(await direction(row.locator('.work-note'))).toBe('ltr')
  await office.page.locator('.work-matter .matter-title', { hasText: title }).waitFor()
  await shot(office.page, 'uyghur-work')
  await act(office.page, '退回修改')
  expect(await direction(office.page.locator('.act-title'))).toBe('rtl')
  await write(office.page, { 理由: reason })
  await confirm(office.page)
  await row.waitFor({ state: 'detached' })
  const returned = office.page.locator('.work-matter .event', { hasText: reason })
  expect(await direction(returned.locator('.event-comment'))).toBe('rtl')
  expect(await runs(returned, '人民路')).toBe('ltr')
  expect(await returned.locator('.event-note').innerText()).toBe('买买提·吐尔逊')
  expect([await direction(returned.locator('.event-note')), await runs(returned, '买买提·吐尔逊')]).toEqual(['ltr', 'ltr'])
  await office.page.locator('.side-place', { hasText: '事项表' }).click()
  const line = office.page.locator('tbody tr', { hasText: title })
  expect(await runs(line, title.slice(0, 4))).toBe('rtl')
  expect(await direction(line.getByText(title, { exact: true }))).toBe('rtl')
  expect(await runs(line, '古丽娜尔·艾山')).toBe('ltr')
  await shot(office.page, 'uyghur-table')

  await page.goto(`${s.url}/#/pages/inbox/index`)
  const told = page.locator('.item', { hasText: title })
  await told.waitFor()
  expect([await direction(told.locator('.item-note')), await runs(told, title), await runs(told, '修改后重新提交')]).toEqual(['ltr', 'rtl', 'ltr'])
  await shot(page, 'uyghur-inbox')
  await page.goto(`${s.url}/#/pages/mine/index`)
  const mine = page.locator('.item', { hasText: title })
  expect(await direction(mine.locator('.item-title'))).toBe('rtl')
  expect(await direction(mine.locator('.tag'))).toBe('ltr')
  await shot(page, 'uyghur-mine')
  await page.goto(there)
  await stands(page, '待修改')
  expect(await direction(page.locator('.event-comment', { hasText: reason }))).toBe('rtl')
  await shot(page, 'uyghur-returned')
  for (const d of [member, office]) expect(d.trouble).toEqual([])
})

it('Tibetan and Mongolian pass as they were written', async () => {
  const { page, trouble } = await s.device()
  await enter(page, s.url, '扎西卓玛')
  for (const [name, title, body] of [
    ['tibetan', 'སྦྲང་ཆར་གྱི་གྲོས་འགོ', 'གྲོང་གསེབ་ཀྱི་སྨན་ཁང་དུ་སྨན་མི་འདང་བས་རྒན་འཁོགས་རྣམས་ལ་སྟབས་མི་བདེ་བ་ཡོད། མགྱོགས་མྱུར་ཐག་གཅོད་གནང་རོགས།'],
    // With the narrow space before an ending, and the mark that chooses a form of a letter.
    ['mongolian', 'ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ ᠰᠤᠷᠭᠠᠭᠤᠯᠢ', 'ᠰᠤᠷᠭᠠᠭᠤᠯᠢ\u202fᠶᠢᠨ ᠡᠭᠦᠳᠡᠨ\u202fᠦ ᠵᠠᠮ ᠢ ᠰᠠᠶᠢᠵᠢᠷᠠᠭᠤᠯᠬᠤ ᠬᠡᠷᠡᠭᠲᠡᠢ᠃ ᠠᠶᠤᠯ\u180bᠲᠠᠢ ᠪᠠᠶᠢᠨ\u180eᠠ᠃'],
  ]) {
    await visit(page, `${s.url}/#/pages/submit/index?kind=suggestion&fresh=1`)
    await write(page, { 标题: title, 内容: body })
    await pick(page, '类别', '民生保障')
    await button(page, '提交').last().click()
    await page.getByText('已经收到').waitFor()
    expect(await page.locator('.matter-title').textContent()).toBe(title)
    expect(await page.locator('.long').first().textContent()).toBe(body)
    expect(await direction(page.locator('.matter-title'))).toBe('ltr')
    await shot(page, name)
  }
  expect(trouble).toEqual([])
})
