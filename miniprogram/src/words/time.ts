// Times are said as at the office, whatever zone the device is in.
const offset = 8 * 3600_000
const day = 24 * 3600_000

const beijing = (at: Date) => new Date(at.getTime() + offset)
const dayOf = (at: Date) => Math.floor(beijing(at).getTime() / day)
const clock = (at: Date) => beijing(at).toISOString().slice(11, 16)

function date(at: Date, now: Date): string {
  const then = beijing(at)
  const short = `${then.getUTCMonth() + 1}月${then.getUTCDate()}日`
  return then.getUTCFullYear() === beijing(now).getUTCFullYear() ? short : `${then.getUTCFullYear()}年${short}`
}

/** When something happened: 今天 14:05, 昨天 09:30, 7月3日, 2025年7月3日. */
export function when(iso: string, now = new Date()): string {
  const at = new Date(iso)
  switch (dayOf(now) - dayOf(at)) {
    case 0:
      return `今天 ${clock(at)}`
    case 1:
      return `昨天 ${clock(at)}`
    default:
      return date(at, now)
  }
}

/** The same, with the time of day always. */
export function moment(iso: string, now = new Date()): string {
  const said = when(iso, now)
  return said.includes(':') ? said : `${said} ${clock(new Date(iso))}`
}

/** By when something is due: 今天 18:00前, 明天前, 7月3日前. */
export function by(iso: string, now = new Date()): string {
  const at = new Date(iso)
  switch (dayOf(at) - dayOf(now)) {
    case 0:
      return `今天 ${clock(at)}前`
    case 1:
      return `明天 ${clock(at)}前`
    default:
      return `${date(at, now)}前`
  }
}

/** What is due, and by when: 应于7月3日前答复. */
export const due = (what: string, iso: string, now = new Date()) => `应于${by(iso, now)}${what}`

/** The same to whom it is asked of: 请在7月3日前评价. */
export const please = (what: string, iso: string, now = new Date()) => `请在${by(iso, now)}${what}`

/** A day without a time, as the server gives it: 2026-07-03. */
export const onDay = (iso: string, now = new Date()) => date(new Date(`${iso}T00:00:00+08:00`), now)

/** A day on paper, which is read in other years as well: 2026年7月3日. */
export function dateOf(iso: string): string {
  const then = beijing(new Date(iso.length === 10 ? `${iso}T00:00:00+08:00` : iso))
  return `${then.getUTCFullYear()}年${then.getUTCMonth() + 1}月${then.getUTCDate()}日`
}
