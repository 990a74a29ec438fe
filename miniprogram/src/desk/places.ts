import { tools } from '@/components/tools'
import { session, type Operation } from '@/session'

export interface Place {
  label: string
  url: string
}

interface Kept extends Place {
  needs: Operation[]
}

// Which operations each page is for. To whom they are open the server says.
const lists: Kept[] = [
  { label: '统计', url: '/desk/counts/index', needs: ['count.read'] },
  { label: '编号', url: '/desk/numbers/index', needs: ['proposal.number', 'suggestion.number'] },
  { label: '按表格办理', url: '/desk/sheets/index', needs: ['suggestion.preview_sheet', 'suggestion.run_sheet'] },
  { label: '提案征集', url: '/desk/collections/index', needs: ['collection.create', 'collection.change', 'collection.announce'] },
]

const roster: Kept[] = [
  { label: '名册', url: '/desk/people/index', needs: ['member.list', 'member.change'] },
  { label: '导入名册', url: '/desk/roster/index', needs: ['roster.preview', 'roster.confirm'] },
  { label: '邀请', url: '/desk/invitations/index', needs: ['invitation.list', 'invitation.create'] },
  { label: '单位', url: '/desk/units/index', needs: ['unit.list', 'unit.create', 'unit.change'] },
  { label: '界别、届次', url: '/desk/divisions/index', needs: ['sector.create', 'group.create', 'term.create'] },
]

const rules: Kept[] = [
  { label: '设置', url: '/desk/settings/index', needs: ['setting.list', 'setting.set'] },
  { label: '放假安排', url: '/desk/holidays/index', needs: ['holiday.preview', 'holiday.confirm'] },
  { label: '常用语', url: '/desk/phrases/index', needs: ['phrase.list', 'phrase.purposes', 'phrase.add'] },
  { label: '操作记录', url: '/desk/audit/index', needs: ['audit.list'] },
]

const open = (kept: Kept[]): Place[] => kept.filter((p) => session.may(...p.needs))

/** Where one goes at a desk, by what it is for. What may be done there the server says. */
export function places(): { label: string; items: Place[] }[] {
  const groups = [
    {
      label: '',
      items: [
        { label: '首页', url: '/pages/home/index' },
        ...(session.me?.identity?.waits ? [{ label: '待办', url: '/desk/work/index' }] : []),
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
