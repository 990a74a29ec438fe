import type { Draft } from '@/drafts/draft'

/** Opens a matter. */
export const open = (kind: string, id: string) => uni.navigateTo({ url: `/pages/matter/index?kind=${kind}&id=${id}` })

/** Goes on with a draft. */
export const openDraft = (d: Draft) => uni.navigateTo({ url: `/pages/submit/index?kind=${d.kind}&draft=${d.id}` })
