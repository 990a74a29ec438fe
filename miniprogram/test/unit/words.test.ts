import { describe, expect, it } from 'vitest'
import { numbered } from '@/words/number'
import { countOf, sizeOf } from '@/words/size'
import { toneOf, toneOfRisk } from '@/words/state'
import { by, dateOf, due, moment, onDay, please, when } from '@/words/time'

// Half past midnight in Beijing, still the day before in Greenwich.
const now = new Date('2026-07-02T00:30:00+08:00')

describe('times are said as at the office', () => {
  it.each([
    ['2026-07-02T00:05:00+08:00', '今天 00:05'],
    ['2026-07-01T23:59:00+08:00', '昨天 23:59'],
    ['2026-06-30T09:00:00+08:00', '6月30日'],
    ['2025-12-31T09:00:00+08:00', '2025年12月31日'],
    ['2026-07-01T16:05:00Z', '今天 00:05'],
  ])('%s was %s', (iso, words) => expect(when(iso, now)).toBe(words))

  it.each([
    ['2026-07-02T18:00:00+08:00', '今天 18:00前'],
    ['2026-07-03T18:00:00+08:00', '明天 18:00前'],
    ['2026-07-09T23:59:59+08:00', '7月9日前'],
    ['2027-01-04T23:59:59+08:00', '2027年1月4日前'],
  ])('%s is due %s', (iso, words) => expect(by(iso, now)).toBe(words))

  it('says what is due', () => {
    expect(due('审核', '2026-07-09T23:59:59+08:00', now)).toBe('应于7月9日前审核')
    expect(please('评价', '2026-07-02T18:00:00+08:00', now)).toBe('请在今天 18:00前评价')
  })

  it('has the time of day where it is asked for', () => {
    expect(moment('2026-06-30T09:00:00+08:00', now)).toBe('6月30日 09:00')
    expect(moment('2026-07-02T00:05:00+08:00', now)).toBe('今天 00:05')
  })

  it('has the year on paper, and the day of Beijing', () =>
    expect([dateOf('2026-07-03'), dateOf('2026-07-02T15:59:59Z'), dateOf('2026-07-02T16:00:00Z')]).toEqual(['2026年7月3日', '2026年7月2日', '2026年7月3日']))

  it('does not move a day', () => expect(onDay('2026-07-03', now)).toBe('7月3日'))
})

describe('other words', () => {
  it('sizes and counts', () => {
    expect([sizeOf(10), sizeOf(12_288), sizeOf(3_500_000)]).toEqual(['1 KB', '12 KB', '3.3 MB'])
    expect([countOf(99), countOf(100)]).toEqual(['99', '99+'])
  })

  it('has a tone for states that it does not know', () => {
    expect([toneOf('CLOSED'), toneOf('A_NEW_STATE'), toneOfRisk('OVERDUE'), toneOfRisk()]).toEqual(['done', 'doing', 'alarm', 'doing'])
  })
})

it('a number that says its kind says it once', () => {
  expect(numbered('社情民意', '社情民意〔2026〕1号')).toBe('社情民意〔2026〕1号')
  expect(numbered('提案', '第31号')).toBe('提案 · 第31号')
  expect(numbered('微建议')).toBe('微建议')
})
