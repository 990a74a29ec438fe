import type { Draft } from '@/drafts/draft'
import { platform } from '@/platform'

/** Opens a matter. */
export const open = (kind: string, id: string) => uni.navigateTo({ url: `/pages/matter/index?kind=${kind}&id=${id}` })

/** Opens all that waits, or what waits of it: at a desk beside the list. */
export function openWork(it?: { kind: string; matter_id: string }) {
  if (platform.wide()) uni.navigateTo({ url: '/desk/work/index' + (it ? `?kind=${it.kind}&id=${it.matter_id}` : '') })
  else if (it) open(it.kind, it.matter_id)
  else uni.navigateTo({ url: '/staff/queue/index' })
}

let sent = ''

/** Opens what has just been handed in, which then says so once. */
export function openSent(kind: string, id: string) {
  sent = id
  uni.redirectTo({ url: `/pages/matter/index?kind=${kind}&id=${id}` })
}

export function wasJustSent(id: string): boolean {
  const is = sent === id
  sent = ''
  return is
}

/** Leaves a page whose work is done; where it was the first, to the matter that it was about. */
export function goBack(kind: string, id: string) {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else uni.redirectTo({ url: `/pages/matter/index?kind=${kind}&id=${id}` })
}

/** Goes on with a draft. */
export const openDraft = (d: Draft) => uni.navigateTo({ url: `/pages/submit/index?kind=${d.kind}&draft=${d.id}` })

/** Goes on with a draft that the server has. */
export const openSaved = (kind: string, id: string) => uni.navigateTo({ url: `/pages/submit/index?kind=${kind}&matter=${id}` })
