import { kinds, type Kind } from '@/api/kinds'
import { keyOf, session, type HandsIn, type Operation } from '@/session'
import type { GlyphName } from './Glyph.vue'

export interface Tool {
  label: string
  /** On a large button, where its picture says the rest. */
  short?: string
  hint: string
  icon: GlyphName
  url: string
}

/** What stands for each kind. */
export const icons: Record<Kind, GlyphName> = { suggestion: 'bulb', opinion: 'speech', proposal: 'paper' }

// Which operations each page is for. To whom they are open the server says.
const pages: (Tool & { needs: Operation[] })[] = [
  { label: '逾期情况', hint: '复制给工作群', icon: 'clock', url: '/staff/overdue/index', needs: ['work.overdue'] },
  { label: '未送达', hint: '打个电话告知', icon: 'mail', url: '/staff/undelivered/index', needs: ['undelivered.list', 'undelivered.count'] },
  { label: '安全审核', hint: '放行或留置', icon: 'warn', url: '/staff/checks/index', needs: ['check.list', 'check.decide'] },
  { label: '交办清单', hint: '交办会上交办的', icon: 'paper', url: '/staff/handovers/index', needs: ['handover.list', 'handover.read'] },
  { label: '跟踪落实', hint: '上年答应办的', icon: 'check', url: '/staff/follow/index', needs: ['follow_up.list'] },
  { label: '同事不在', hint: '把他手上的交给别人', icon: 'people', url: '/staff/reassign/index', needs: ['work.reassign', 'work.colleagues'] },
]

const record: Tool = { label: '代录纸件', hint: '把纸上的录进来', icon: 'camera', url: '/staff/record/index' }

const names = Object.keys(kinds) as Kind[]

/** The kinds that this person hands in in some way. */
function handed(how: (h: HandsIn) => boolean): Kind[] {
  return names.filter((kind) => {
    const h = session.handsIn(kind)
    return h !== undefined && how(h)
  })
}

/** The kinds that this person writes, in their own name or for a member. */
export const written = (): Kind[] => handed((h) => h.own || h.on_behalf)

/** The kinds that this person hands in, in whosever name. */
export const handedIn = (): Kind[] => handed((h) => h.own || h.on_behalf || h.bodies.length + h.any_body.length > 0)

/** The kinds that staff enter from paper for others. */
export const recorded = (): Kind[] => handed((h) => h.on_paper)

/** For each body of whoever writes a kind for bodies alone. */
function forBodies(): Tool[] {
  const own = written()
  return names
    .filter((kind) => !own.includes(kind))
    .flatMap((kind) => {
      const bodies = session.handsIn(kind)?.bodies ?? []
      return bodies.map((b) => ({
        label: `提交${kinds[kind].label}`,
        short: kinds[kind].label,
        hint: `以${bodies.length > 1 ? b.name : '本单位'}的名义`,
        icon: icons[kind],
        url: `/pages/submit/index?kind=${kind}&body=${encodeURIComponent(keyOf(b))}`,
      }))
    })
}

/** The pages beside the queue for whoever is here. */
export const tools = (): Tool[] => [...(recorded().length > 0 ? [record] : []), ...pages.filter((p) => session.may(...p.needs)), ...forBodies()]

/** Whether this person works on what others hand in. */
export const works = (): boolean => session.me?.identity?.works ?? false
