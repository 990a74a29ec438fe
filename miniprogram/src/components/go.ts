import type { Draft } from '@/drafts/draft'

/** Opens a matter. */
export const open = (kind: string, id: string) => uni.navigateTo({ url: `/pages/matter/index?kind=${kind}&id=${id}` })

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
