import type { GlyphName } from './Glyph.vue'
import { session } from '@/session'

const office = ['INFO_STAFF', 'PROPOSAL_STAFF']
const clerks = [...office, 'MEMBER_WORK_STAFF']
const overseers = [...office, 'PROPOSAL_CHAIR', 'LEADER']
const unit = ['UNIT_HANDLER', 'UNIT_LEADER']
const bodies = [...unit, 'COMMITTEE_STAFF']

export const rolesOf = { office, unit }

export interface Tool {
  label: string
  hint: string
  icon: GlyphName
  url: string
}

// Which page is of use to whom; what they may do there the server says.
const all: (Tool & { roles: string[] })[] = [
  { label: '代录纸件', hint: '把纸上的录进来', icon: 'camera', url: '/staff/record/index', roles: office },
  { label: '逾期情况', hint: '复制给工作群', icon: 'clock', url: '/staff/overdue/index', roles: [...office, 'LEADER'] },
  { label: '未送达', hint: '打个电话告知', icon: 'mail', url: '/staff/undelivered/index', roles: office },
  { label: '安全审核', hint: '放行或留置', icon: 'warn', url: '/staff/checks/index', roles: office },
  { label: '交办清单', hint: '交办会上交办的', icon: 'paper', url: '/staff/handovers/index', roles: [...overseers, ...unit] },
  { label: '跟踪落实', hint: '上年答应办的', icon: 'check', url: '/staff/follow/index', roles: overseers },
  { label: '反映社情民意', hint: '以本单位的名义', icon: 'speech', url: '/pages/submit/index?kind=opinion', roles: bodies },
  { label: '提交提案', hint: '以集体的名义', icon: 'paper', url: '/pages/submit/index?kind=proposal', roles: bodies },
  { label: '同事不在', hint: '把他手上的交给别人', icon: 'people', url: '/staff/reassign/index', roles: clerks },
]

/** The pages beside the queue for whoever is here. */
export const tools = (): Tool[] => all.filter((t) => session.has(...t.roles))

/** Whether this person works on what others hand in. */
export const isStaff = () => session.has(...overseers, ...unit, 'COMMITTEE_STAFF', 'MEMBER_WORK_STAFF', 'TRANSLATOR')
