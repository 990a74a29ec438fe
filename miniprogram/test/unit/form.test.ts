import { describe, expect, it } from 'vitest'
import { bodyOf, changed, check, filled, lengthOf, shared, takenIn, wrongOf, type FormField } from '@/forms/form'

const field = (name: string, widget: string, more: Partial<FormField> = {}): FormField => ({ name, label: name, widget, required: false, ...more })

describe('a form', () => {
  it('counts characters as the server does', () => {
    expect(lengthOf('  路灯 ')).toBe(2)
    expect(lengthOf('𠮷野')).toBe(2)
    expect(lengthOf('e\u0301')).toBe(1)
    expect(lengthOf('👷')).toBe(1)
  })

  it('says what is missing, too short, too long', () => {
    const fields = [
      field('标题', 'text', { required: true, min: 2, max: 5 }),
      field('类别', 'choice', { required: true }),
      field('扫描件', 'files', { required: true }),
      field('件数', 'number', { min: 1, max: 9 }),
    ]
    expect(check(fields, {})).toEqual({ 标题: '请填写标题', 类别: '请选择类别', 扫描件: '请添加扫描件' })
    expect(check(fields, { 标题: '灯', 类别: 'CITY', 扫描件: ['x'], 件数: '10' })).toEqual({ 标题: '标题至少2字，现在1字', 件数: '件数不能大于9' })
    expect(check(fields, { 标题: '人民路路灯坏', 类别: 'CITY', 扫描件: ['x'] })).toEqual({ 标题: '标题最多5字，现在6字' })
    expect(check(fields, { 标题: '路灯', 类别: 'CITY', 扫描件: ['x'], 件数: '3' })).toEqual({})
  })

  it('sends only what is filled in, in its type', () => {
    const fields = [field('title', 'text'), field('n', 'number'), field('on', 'switch'), field('due', 'switch', { required: true }), field('units', 'choices'), field('place', 'place')]
    expect(bodyOf(fields, { title: ' 路灯 ', n: '3', on: false, units: [], place: '', latitude: 1, longitude: 2, other: 'x' })).toEqual({ title: '路灯', n: 3, due: false })
    expect(bodyOf(fields, { place: '人民路', latitude: 43.8, longitude: 87.6, on: true })).toEqual({ place: '人民路', latitude: 43.8, longitude: 87.6, on: true, due: false })
  })

  it('takes rows, each by the fields that the form names', () => {
    const more = field('more', 'rows', { max: 2, fields: [field('organ', 'text', { required: true }), field('days', 'number')] })
    expect(check([more], { more: [{ organ: '市委办' }, { days: '3' }] })).toEqual({ more: '第2个：请填写organ' })
    expect(check([more], { more: [{ organ: '甲' }, { organ: '乙' }, { organ: '丙' }] })).toEqual({ more: 'more最多2个' })
    expect(bodyOf([more], { more: [{ organ: ' 市委办 ', days: '3' }] })).toEqual({ more: [{ organ: '市委办', days: 3 }] })
    expect(wrongOf(more, { 'more[1].organ': '机关名称太长' })).toBe('机关名称太长')
    expect(wrongOf(more, { moreover: '别的' })).toBeUndefined()
  })

  it('begins with what the matter has', () => {
    const fields = [field('title', 'text'), field('situation', 'textarea'), field('co_author_ids', 'people'), field('pictures', 'pictures'), field('reason', 'textarea')]
    const matter = { title: '就医', text: { situation: '不便' }, pictures: ['x'], authors: [{ person_id: 'a', role: 'FIRST' }, { person_id: 'b', role: 'CO' }] }
    expect(filled(fields, matter)).toEqual({ title: '就医', situation: '不便', co_author_ids: ['b'] })
    expect(filled(fields, { ...matter, edited: { title: '就医难', situation: '村里缺药' } })).toMatchObject({ title: '就医难', situation: '村里缺药' })
  })

  it('begins with the higher body to which it goes, and not with an own session', () => {
    const fields = [field('collection_id', 'collection'), field('body_kind', 'choice'), field('body_unit_id', 'choice')]
    const draft = { collection_id: 'c1', upper: { collection_id: 'c1' }, body_kind: 'STUDIO', body_unit_id: 'u1' }
    expect(filled(fields, draft)).toEqual({ collection_id: 'c1', body_kind: 'STUDIO', body_unit_id: 'u1' })
    expect(filled(fields, { collection_id: 'own' })).toEqual({})
  })

  it('leaves out of a list what another field has', () => {
    const [lead, co] = [field('lead_unit_id', 'choice', { unless: 'co_unit_ids' }), field('co_unit_ids', 'choices', { unless: 'lead_unit_id' })]
    expect(takenIn(co, { lead_unit_id: 'u1' })).toEqual(['u1'])
    expect(takenIn(lead, { co_unit_ids: ['u2', 'u3'] })).toEqual(['u2', 'u3'])
    expect([takenIn(lead, {}), takenIn(co, { lead_unit_id: '' }), takenIn(field('title', 'text'), { lead_unit_id: 'u1' })]).toEqual([[], [], []])
  })

  it('lets what goes by another field be chosen anew', () => {
    const fields = [field('body_kind', 'choice'), field('body_unit_id', 'choice', { by: 'body_kind' })]
    const values = { body_kind: 'STUDIO', body_unit_id: 'u1', title: '路灯' }
    expect(changed(fields, values, { body_kind: 'PARTY' })).toEqual({ body_kind: 'PARTY', body_unit_id: undefined, title: '路灯' })
    expect(changed(fields, values, { body_kind: 'STUDIO' })).toEqual(values)
    expect(changed(fields, values, { title: '灯' })).toEqual({ ...values, title: '灯' })
  })

  it('begins with what is proposed, and with who has it in hand', () => {
    const fields = [field('lead_unit_id', 'choice'), field('co_unit_ids', 'choices'), field('contact_name', 'text'), field('number', 'text'), field('text', 'textarea')]
    const thing = { proposed_unit_ids: ['u1', 'u2'], handler_name: '陈一帆', number: '2026年第3号', text: { situation: '不便' } }
    expect(filled(fields, thing)).toEqual({ lead_unit_id: 'u1', co_unit_ids: ['u2'], contact_name: '陈一帆' })
    expect(filled(fields, { text: { situation: '不便' } })).toEqual({})
  })

  it('takes over what the next form asks for, too', () => {
    expect(shared([field('lead_unit_id', 'choice'), field('working_days', 'number')], { lead_unit_id: 'u1', route: 'TOWN' })).toEqual({ lead_unit_id: 'u1' })
  })
})
