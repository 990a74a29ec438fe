import { isStaff, rolesOf, tools } from '@/components/tools'
import { session } from '@/session'

export interface Place {
  label: string
  url: string
}

const keepers = ['MEMBER_WORK_STAFF', 'PLATFORM_ADMIN']
const clerks = [...rolesOf.office, 'MEMBER_WORK_STAFF']

interface Kept extends Place {
  roles: string[]
}

const lists: Kept[] = [
  { label: '统计', url: '/desk/counts/index', roles: [...rolesOf.office, 'PROPOSAL_CHAIR', 'LEADER'] },
  { label: '编号', url: '/desk/numbers/index', roles: rolesOf.office },
  { label: '按表格办理', url: '/desk/sheets/index', roles: clerks },
  { label: '提案征集', url: '/desk/collections/index', roles: rolesOf.office },
]

const roster: Kept[] = [
  { label: '名册', url: '/desk/people/index', roles: keepers },
  { label: '导入名册', url: '/desk/roster/index', roles: keepers },
  { label: '邀请', url: '/desk/invitations/index', roles: keepers },
  { label: '单位', url: '/desk/units/index', roles: keepers },
  { label: '界别、届次', url: '/desk/divisions/index', roles: keepers },
]

const rules: Kept[] = [
  { label: '设置', url: '/desk/settings/index', roles: [...clerks, 'PLATFORM_ADMIN'] },
  { label: '放假安排', url: '/desk/holidays/index', roles: rolesOf.office },
  { label: '常用语', url: '/desk/phrases/index', roles: [...clerks, ...rolesOf.unit] },
  { label: '操作记录', url: '/desk/audit/index', roles: ['PLATFORM_ADMIN', 'LEADER'] },
]

const open = (kept: Kept[]): Place[] => kept.filter((p) => session.has(...p.roles))

/** Where one goes at a desk, by what it is for. What may be done there the server says. */
export function places(): { label: string; items: Place[] }[] {
  const groups = [
    {
      label: '',
      items: [
        { label: '首页', url: '/pages/home/index' },
        ...(isStaff() ? [{ label: '待办', url: '/desk/work/index' }] : []),
        { label: '事项表', url: '/desk/matters/index' },
        { label: '我的事项', url: '/pages/mine/index' },
        { label: '消息', url: '/pages/inbox/index' },
      ],
    },
    { label: '办理', items: [...tools(), ...open(lists)] },
    { label: '名册', items: open(roster) },
    { label: '本单位', items: open(rules) },
  ]
  return groups.filter((g) => g.items.length > 0)
}
