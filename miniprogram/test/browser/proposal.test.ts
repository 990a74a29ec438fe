import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, button, confirm, field, pick, stands, write } from './hands'
import { desk, enter, shot, stage, type Stage, visit } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const title = '关于改善城乡公交衔接的建议'
const situation = '城乡公交目前每天只有四班，换乘平均要等一个小时，老人和学生都不方便。'
const analysis = '主要是两家公司的班次各排各的，没有衔接。'
const advice = '建议由县交通运输局统一排班，并在换乘站公布时刻表，半年内完成。'

it('a 提案 is signed by another member, changed, signed again, and handed in', async () => {
  const sponsor = await s.device()
  await enter(sponsor.page, s.url, '李春山')
  await sponsor.page.locator('.big', { hasText: '提案' }).click()
  await sponsor.page.getByText('是大会提案').waitFor() // the window that is open is told
  await write(sponsor.page, { 案由: title, 情况: situation, 建议: '统一排班' })
  await shot(sponsor.page, 'proposal-text')
  await button(sponsor.page, '下一步').click()
  await sponsor.page.getByText('还没有写“分析”').waitFor()
  await shot(sponsor.page, 'proposal-hints')
  await button(sponsor.page, '回去改改').click()
  await write(sponsor.page, { 分析: analysis, 建议: advice })
  await button(sponsor.page, '下一步').click()
  await sponsor.page.getByText('文字看过了，没有要提醒的').waitFor()
  await pick(sponsor.page, '类别', '交通出行')
  await pick(sponsor.page, '联名人', '欧阳敏', '扎西卓玛')
  await sponsor.page.getByText('草稿已保存').waitFor()
  await shot(sponsor.page, 'proposal-choose')
  await button(sponsor.page, '征求联名').click()
  await stands(sponsor.page, '征求联名')
  const there = sponsor.page.url()

  const other = await s.device()
  await enter(other.page, s.url, '欧阳敏')
  await other.page.getByText('李春山请您联名').first().click()
  await other.page.getByText('请看过内容再答复').waitFor()
  await shot(other.page, 'proposal-invited')
  await act(other.page, '同意联名')
  await confirm(other.page)
  await other.page.locator('.author:visible', { hasText: '欧阳敏' }).getByText('已同意').waitFor()

  const third = await s.device()
  await enter(third.page, s.url, '扎西卓玛')
  await third.page.getByText('李春山请您联名').first().click()
  await act(third.page, '不参加联名')
  await confirm(third.page)
  await third.page.getByText('，您好').waitFor() // who declined does not see it any more

  await visit(sponsor.page, there)
  await sponsor.page.locator('.author', { hasText: '扎西卓玛' }).getByText('没有参加').waitFor()
  await shot(sponsor.page, 'proposal-answers')
  await act(sponsor.page, '修改或提交')
  await write(sponsor.page, { 建议: advice + '年底回访。' })
  await button(sponsor.page, '下一步').click()
  await button(sponsor.page, '修改文本').click()
  await sponsor.page.locator('.author:visible', { hasText: '欧阳敏' }).getByText('等答复').waitFor() // it is another text
  await other.page.reload()
  await act(other.page, '同意联名')
  await confirm(other.page)
  await other.page.locator('.author:visible', { hasText: '欧阳敏' }).getByText('已同意').waitFor()

  await sponsor.page.reload()
  await sponsor.page.getByText('改过1次').waitFor()
  await act(sponsor.page, '修改或提交')
  await button(sponsor.page, '下一步').click()
  await button(sponsor.page, '提交').last().click()
  await stands(sponsor.page, '待审查')
  expect([...sponsor.trouble, ...other.trouble]).toEqual([])
})

it('a sector proposes under a scan of its convener', async () => {
  const { page, trouble } = await s.device(desk)
  await enter(page, s.url, '欧阳敏')
  await page.locator('.big', { hasText: '提案' }).click()
  await write(page, { 案由: '关于加强基层医疗的建议', 情况: situation, 分析: analysis, 建议: advice })
  await button(page, '下一步').click()
  await pick(page, '类别', '医疗卫生')
  expect(await field(page, '集体名称').count()).toBe(0)
  await pick(page, '提案者', '界别')
  await write(page, { 集体名称: '医药卫生界' })
  await button(page, '提交').last().click()
  await page.getByText('请附上盖章或召集人签名的扫描件').waitFor() // in the server's words
  await shot(page, 'proposal-seal-wide')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), field(page, '盖章或签名扫描件').locator('.file-add').first().click()])
  await chooser.setFiles([{ name: '盖章.png', mimeType: 'image/png', buffer: await page.screenshot() }])
  await page.locator('.file-picture').waitFor()
  await button(page, '提交').last().click()
  await page.getByText('已经收到').waitFor()
  await page.getByText('医药卫生界，联系人 欧阳敏').waitFor()
  await shot(page, 'proposal-body-wide')
  expect(trouble.filter((t) => !t.includes('422'))).toEqual([]) // the browser tells of each refusal
})
