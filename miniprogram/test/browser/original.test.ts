import { afterAll, beforeAll, expect, it } from 'vitest'
import { act, call, confirm, pick, stands, step } from './hands'
import { enter, shot, stage, type Stage } from './stage'

let s: Stage
beforeAll(async () => (s = await stage()))
afterAll(() => s?.end())

const base = '/v1/proposals'
const text = {
  situation: '城乡公交目前每天只有四班，换乘平均要等一个小时，学生和老人尤其不便。',
  analysis: '主要是两家公司的班次各排各的，没有衔接。',
  advice: '建议由交通局统一排班，并在换乘站公布时刻表，半年内完成。',
  category: 'TRAFFIC',
}

it('whose 提案 was merged into another reads an answer of its own, and rates it', async () => {
  const [lead, other, office, unit] = [await s.device(), await s.device(), await s.device(), await s.device()]
  await enter(lead.page, s.url, '李春山')
  await enter(other.page, s.url, '欧阳敏')
  await enter(office.page, s.url, '买买提·吐尔逊')
  await enter(unit.page, s.url, '陈一帆')

  const { id } = await call<{ id: string }>(lead.page, base, { title: '关于改善城乡公交衔接的建议', ...text })
  const { id: merged } = await call<{ id: string }>(other.page, base, { title: '关于公交候车条件的建议', ...text })
  await step(office.page, base, merged, 'merge', { target_id: id })
  await step(office.page, base, id, 'file')
  await call(office.page, `${base}/numbers`, { ids: [id] })
  const units = await call<{ items: { id: string; name: string }[] }>(office.page, '/v1/units?limit=100')
  await step(office.page, base, id, 'dispatch', { lead_unit_id: units.items.find((u) => u.name.includes('住房和城乡建设局'))!.id })
  await step(unit.page, base, id, 'sign_for', { handler_name: '陈一帆', handler_phone: '0991-5550101' }, 'assignment')

  await lead.page.goto(`${s.url}/#/pages/matter/index?kind=proposal&id=${id}`)
  await lead.page.locator('.standing', { hasText: '言城县住房和城乡建设局办理中，应于' }).waitFor() // who has it, and by when
  await act(lead.page, '请求催办')
  await confirm(lead.page)
  await stands(lead.page, '办理中')
  const { timeline } = await call<{ timeline: { action: string }[] }>(office.page, `${base}/${id}`)
  expect(timeline.map((e) => e.action)).toContain('ask_urge') // the office decides whether to urge

  await step(
    unit.page,
    base,
    id,
    'reply',
    {
      outcome: 'A', body: '两家公司已统一排班。', contact_name: '陈一帆', contact_phone: '0991-5550101', way: 'PHONE', signer: '马建设',
      originals: [{ matter_id: merged, body: '三个候车亭已经建好。' }],
    },
    'assignment',
  )
  await step(office.page, base, id, 'pass', {}, 'assignment')

  await other.page.goto(`${s.url}/#/pages/matter/index?kind=proposal&id=${merged}`)
  await other.page.getByText('三个候车亭已经建好。').waitFor()
  expect(await other.page.getByText('两家公司已统一排班。').count()).toBe(0)
  await shot(other.page, 'original-answer')
  await act(other.page, '评价')
  await pick(other.page, '办理态度', '满意')
  await pick(other.page, '办理结果', '基本满意')
  await confirm(other.page)
  await other.page.locator('.tag', { hasText: '办理结果 基本满意' }).waitFor()

  await lead.page.reload()
  await lead.page.getByText('两家公司已统一排班。').waitFor()
  await act(lead.page, '对办理结果不满意')
  await lead.page.locator('.field textarea').first().fill('早晚两班还没有衔接。')
  await confirm(lead.page)
  await stands(lead.page, '不满意')
  await shot(lead.page, 'matter-objected')
  expect([...lead.trouble, ...other.trouble]).toEqual([])
})
